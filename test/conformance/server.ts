/**
 * Everything that a conformance scenario asks for, written with what authors of servers have: `node server.ts` serves it by the container
 * contract's environment variables.
 */
import { serve, type ServerDefinition } from "../../service/index.ts";
import { changeTools } from "./fixture/change-tools.ts";
import { channelTools } from "./fixture/channel-tools.ts";
import { contentTools } from "./fixture/content-tools.ts";
import { inputTools } from "./fixture/input-tools.ts";
import { prompts } from "./fixture/prompts.ts";
import { resources, resourceTemplates } from "./fixture/resources.ts";
import { schemaTools } from "./fixture/schema-tools.ts";
import { streamingTools } from "./fixture/streaming-tools.ts";

const conformance: ServerDefinition = {
  name: "conformance",
  title: "Conformance fixture",
  version: "1.0.0",
  instructions: "Not for models: what the conformance suite asks for.",
  announcesChanges: true,
  tools: [...contentTools, ...streamingTools, ...schemaTools, ...inputTools, ...channelTools],
  resources,
  resourceTemplates,
  prompts,
  start: ({ changes }) => ({ tools: changeTools(changes) }),
};

await serve(conformance);
