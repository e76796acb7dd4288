"""Talks to an MCP server as the installed `mcp` package does, and prints what it has seen as JSON.

Reads `{"url", "token", "mode", …}` and the arguments of its calls from standard input. Without a mode the package is of
version 1, which knows none.
"""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from importlib.metadata import version

from mcp.client.streamable_http import streamable_http_client

try:
    import httpx2 as httpx
except ImportError:
    import httpx

SECONDS = 30


def plain(model):
    return None if model is None else model.model_dump(mode="json", by_alias=True)


def without_nulls(model):
    return None if model is None else model.model_dump(mode="json", by_alias=True, exclude_none=True)


@asynccontextmanager
async def connect_v1(url, http):
    from mcp import ClientSession

    async with streamable_http_client(url, http_client=http) as (read, write, session_id):
        async with ClientSession(read, write) as session:
            hello = await session.initialize()
            assert session_id() is None, "the server has minted a session id"
            yield session, hello.protocolVersion, hello.serverInfo


@asynccontextmanager
async def connect_v2(url, http, mode):
    from mcp import Client

    async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
        yield client, client.protocol_version, client.server_info


async def talk(client, given):
    progress = []

    async def on_progress(done, total, message):
        progress.append({"progress": done, "total": total, "message": message})

    listed = await client.list_tools()
    alerts = await client.call_tool("get_alerts", given["alerts"])
    forecast = await client.call_tool(
        "get_forecast", given["forecast"], progress_callback=on_progress
    )
    progress_of_forecast = list(progress)
    unknown_area = await client.call_tool("get_alerts", given["unknownArea"])
    abroad = await client.call_tool("get_forecast", given["abroad"])
    return {
        "tools": [without_nulls(tool) for tool in listed.tools],
        "alerts": plain(alerts),
        "forecast": plain(forecast),
        "progress": progress_of_forecast,
        "unknownArea": plain(unknown_area),
        "abroad": plain(abroad),
    }


async def main():
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

    headers = {} if given.get("token") is None else {"Authorization": f"Bearer {given['token']}"}
    async with httpx.AsyncClient(
        headers=headers, timeout=SECONDS, event_hooks={"response": [on_response]}
    ) as http:
        url, mode = given["url"], given.get("mode")
        connection = connect_v1(url, http) if mode is None else connect_v2(url, http, mode)
        async with connection as (client, protocol_version, server):
            said = await talk(client, given)
    json.dump(
        {
            "package": version("mcp"),
            "protocolVersion": protocol_version,
            "server": without_nulls(server),
            "exchanges": exchanges,
            **said,
        },
        sys.stdout,
    )


asyncio.run(asyncio.wait_for(main(), SECONDS))
