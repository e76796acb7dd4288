"""What every Python client is asked to do, whatever package it comes from.

Reads `{"url", "token", "mode", …}` and the arguments of the calls from standard input, and prints what it has seen as JSON.
"""

import asyncio
import json
import sys
from importlib.metadata import version

SECONDS = 30


def plain(model):
    return None if model is None else model.model_dump(mode="json", by_alias=True)


def without_nulls(model):
    return None if model is None else model.model_dump(mode="json", by_alias=True, exclude_none=True)


def headers_of(given):
    return {} if given.get("token") is None else {"Authorization": f"Bearer {given['token']}"}


async def talk(client, given):
    """Lists and calls; `client` has `list_tools` and `call_tool`, which give models."""
    progress = []

    async def on_progress(done, total, message):
        progress.append({"progress": done, "total": total, "message": message})

    tools = await client.list_tools()
    alerts = await client.call_tool("get_alerts", given["alerts"], None)
    forecast = await client.call_tool("get_forecast", given["forecast"], on_progress)
    progress_of_forecast = list(progress)
    unknown_area = await client.call_tool("get_alerts", given["unknownArea"], None)
    abroad = await client.call_tool("get_forecast", given["abroad"], None)
    return {
        "tools": [without_nulls(tool) for tool in tools],
        "alerts": plain(alerts),
        "forecast": plain(forecast),
        "progress": progress_of_forecast,
        "unknownArea": plain(unknown_area),
        "abroad": plain(abroad),
    }


async def converse(package, connect):
    """Connects with `connect(given, on_response)`, which yields a client, the revision and the server; tells all of it."""
    given = json.load(sys.stdin)
    exchanges = []

    async def on_response(response):
        body = response.request.content
        exchanges.append(
            {
                "method": json.loads(body)["method"] if body else response.request.method,
                "status": response.status_code,
                "headers": {name.lower(): value for name, value in response.headers.items()},
            }
        )

    async with connect(given, on_response) as (client, protocol_version, server):
        said = await talk(client, given)
    json.dump(
        {
            "package": version(package),
            "protocolVersion": protocol_version,
            "server": without_nulls(server),
            "exchanges": exchanges,
            **said,
        },
        sys.stdout,
    )


def run(package, connect):
    asyncio.run(asyncio.wait_for(converse(package, connect), SECONDS))
