/** The conformance fixture as an ordinary service: two replicas behind a load balancer. */
import { AuthMode, McpService } from "../../infra/index.ts";

new McpService("conformance", {
  build: { context: "." },
  command: ["node", "server.ts"],
  minReplicas: 2,
  // The suite sends no token.
  auth: { mode: AuthMode.None },
});
