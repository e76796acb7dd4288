"""Talks to an MCP server as the installed `fastmcp` package does."""

from contextlib import asynccontextmanager

import httpx2
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport

from conversation import SECONDS, headers_of, run


class Adapter:
    """Its client as the conversation wants it: the results of the protocol, refusals among them."""

    def __init__(self, client):
        self.client = client

    async def list_tools(self):
        return await self.client.list_tools()

    async def call_tool(self, name, arguments, on_progress):
        return await self.client.call_tool_mcp(name, arguments, progress_handler=on_progress)


@asynccontextmanager
async def connect(given, on_response):
    def http_client(**options):
        return httpx2.AsyncClient(
            **{"timeout": SECONDS, **options, "event_hooks": {"response": [on_response]}}
        )

    transport = StreamableHttpTransport(
        given["url"], headers=headers_of(given), httpx_client_factory=http_client
    )
    async with Client(transport, mode=given["mode"]) as client:
        assert transport.get_session_id() is None, "the server has minted a session id"
        yield Adapter(client), client.protocol_version, client.server_info


run("fastmcp", connect)
