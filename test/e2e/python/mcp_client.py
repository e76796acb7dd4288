"""Talks to an MCP server as the installed `mcp` package does. Without a mode it is of version 1, which knows none."""

from contextlib import asynccontextmanager

from mcp.client.streamable_http import streamable_http_client

from conversation import SECONDS, headers_of, run

try:
    import httpx2 as httpx
except ImportError:
    import httpx


class Adapter:
    """Both versions' clients as the conversation wants them."""

    def __init__(self, client):
        self.client = client

    async def list_tools(self):
        return (await self.client.list_tools()).tools

    async def call_tool(self, name, arguments, on_progress):
        return await self.client.call_tool(name, arguments, progress_callback=on_progress)


@asynccontextmanager
async def connect_v1(url, http):
    from mcp import ClientSession

    async with streamable_http_client(url, http_client=http) as (read, write, session_id):
        async with ClientSession(read, write) as session:
            hello = await session.initialize()
            assert session_id() is None, "the server has minted a session id"
            yield Adapter(session), hello.protocolVersion, hello.serverInfo


@asynccontextmanager
async def connect_v2(url, http, mode):
    from mcp import Client

    async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
        yield Adapter(client), client.protocol_version, client.server_info


@asynccontextmanager
async def connect(given, on_response):
    async with httpx.AsyncClient(
        headers=headers_of(given), timeout=SECONDS, event_hooks={"response": [on_response]}
    ) as http:
        url, mode = given["url"], given.get("mode")
        connection = connect_v1(url, http) if mode is None else connect_v2(url, http, mode)
        async with connection as connected:
            yield connected


run("mcp", connect)
