// A server of today's protocol, on the TypeScript SDK alone. Its argument is the folder that holds
// the installed packages; RACTO_LISTEN, when set, is the port of HTTP, and else it speaks stdio.

import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const packages = `${pathToFileURL(process.argv[2])}/`;
const load = (path) => import(new URL(path, packages));
const sdk = await load("@modelcontextprotocol/server/dist/index.mjs");
const { serveStdio } = await load("@modelcontextprotocol/server/dist/stdio.mjs");
const { z } = await load("zod/index.js");

const words = (text) => ({ content: [{ type: "text", text }] });

function make() {
  const server = new sdk.McpServer(
    { name: "todays", version: "3.2.1" },
    {
      instructions: "Be brief.",
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        prompts: {},
        logging: {},
      },
    },
  );
  server.registerTool(
    "echo",
    { description: "Say it again", inputSchema: z.object({ word: z.string() }) },
    ({ word }) => words(word),
  );
  server.registerTool(
    "weather",
    {
      inputSchema: z.object({ place: z.string() }),
      outputSchema: z.object({ place: z.string(), celsius: z.number() }),
    },
    ({ place }) => ({ ...words("21.5"), structuredContent: { place, celsius: 21.5 } }),
  );
  server.registerTool("fail", {}, () => {
    throw new Error("the disk is full");
  });
  server.registerTool("steps", {}, async (context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (const progress of [1, 2, 3]) {
      await context.mcpReq.notify({
        method: "notifications/progress",
        params: { progressToken, progress, total: 3, message: `step ${progress}` },
      });
    }
    return words("done");
  });
  server.registerTool("wait", {}, async (context) => {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, 60000);
      context.mcpReq.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    return words("waited");
  });
  server.registerTool("ask", {}, (context) => {
    const schema = z.object({ name: z.string() });
    const answer = sdk.acceptedContent(context.mcpReq.inputResponses, "who", schema);
    if (answer !== undefined) return words(`Hello, ${answer.name}.`);
    if (context.mcpReq.inputResponses !== undefined) return words("Nobody said.");
    return sdk.inputRequired({
      inputRequests: {
        who: sdk.inputRequired.elicit({ message: "Who are you?", requestedSchema: schema }),
      },
    });
  });
  server.registerResource(
    "note",
    "notes://today",
    { mimeType: "text/plain" },
    (uri) => ({ contents: [{ uri: uri.href, mimeType: "text/plain", text: "Buy milk." }] }),
  );
  server.registerPrompt(
    "greet",
    { description: "A greeting", argsSchema: z.object({ name: z.string() }) },
    ({ name }) => ({
      messages: [{ role: "user", content: { type: "text", text: `Greet ${name}.` } }],
    }),
  );
  return server;
}

const port = process.env.RACTO_LISTEN;
if (port === undefined) {
  serveStdio(make);
} else {
  const handler = sdk.createMcpHandler(make);
  createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const away = new AbortController();
    response.on("close", () => away.abort());
    const made = new Request(`http://127.0.0.1:${port}${request.url}`, {
      method: request.method,
      headers: request.headers,
      body: pieces.length > 0 ? Buffer.concat(pieces) : undefined,
      signal: away.signal,
    });
    const answer = await handler.fetch(made);
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.flushHeaders();
    for await (const piece of answer.body ?? []) response.write(piece);
    response.end();
  }).listen(Number(port), "127.0.0.1");
}
