"""A session with a server on stdio, by the protocol's own client library.

Reads one JSON object from stdin: command, args, env, and calls, a list of {name, arguments}. Prints one with all that
came back: what the server says of itself, its tools, one result for each call, and what it said on stderr.
"""

import asyncio
import json
import sys
import tempfile

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError


def plain(model):
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


async def session(given):
    server = StdioServerParameters(command=given["command"], args=given["args"], env=given["env"])
    with tempfile.TemporaryFile("w+") as talk:
        async with stdio_client(server, errlog=talk) as (reader, writer):
            async with ClientSession(reader, writer, read_timeout_seconds=60) as client:
                seen = {"server": plain(await client.initialize())}
                seen["tools"] = [plain(tool) for tool in (await client.list_tools()).tools]
                seen["results"] = []
                for call in given["calls"]:
                    try:
                        result = plain(await client.call_tool(call["name"], call["arguments"]))
                    except MCPError as error:
                        result = {"protocolError": plain(error.error)}
                    seen["results"].append(result)
        talk.seek(0)
        seen["talk"] = talk.read()
    return seen


print(json.dumps(asyncio.run(session(json.load(sys.stdin)))))
