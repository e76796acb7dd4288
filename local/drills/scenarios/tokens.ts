import { LocalError } from "../../graph/graph.ts";
import type { Stage } from "../drill.ts";

/** The container contract's name for the clients whose tokens are accepted. */
const CLIENTS = "AUTH_CLIENT_IDS";

/**
 * A new access token of the service's client for machines.
 *
 * @param scopes default: all that the client has.
 * @throws {LocalError} where the service asks for no tokens that anybody here issues.
 */
export function newToken(stage: Stage, scopes?: readonly string[]): string {
  const { run } = stage;
  const { name } = stage.service();
  const containers = run.stack.services.find((each) => each.name === name)?.task.containers ?? [];
  const clients = containers.flatMap(
    ({ environment }) => environment[CLIENTS]?.split(",").filter((id) => id !== "") ?? [],
  );
  for (const client of clients) {
    const token = run.issuer.tokenFor(client, scopes);
    if (token !== undefined) return token;
  }
  throw new LocalError(
    `The service \`${name}\` asks for no tokens of a user pool, so that there is nothing to drill. Give it the mode \`cognito\`.`,
  );
}
