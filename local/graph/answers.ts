import { COGNITO } from "../identity/answers.ts";
import { DISCOVERY } from "./answers/discovery.ts";
import { ECS } from "./answers/ecs.ts";
import { IDENTITY } from "./answers/identity.ts";
import { INSTANCES } from "./answers/instances.ts";
import { LOAD_BALANCING } from "./answers/load-balancing.ts";
import {
  Names,
  type Answer,
  type Answers,
  type Asked,
  type Surroundings,
} from "./answers/names.ts";
import { NETWORK } from "./answers/network.ts";
import { STORAGE } from "./answers/storage.ts";

export { invoke } from "./answers/lookups.ts";
export type { Answer, Asked, Surroundings } from "./answers/names.ts";

const ANSWERS: Answers = {
  ...COGNITO,
  ...DISCOVERY,
  ...ECS,
  ...IDENTITY,
  ...INSTANCES,
  ...LOAD_BALANCING,
  ...NETWORK,
  ...STORAGE,
};

/** What AWS would answer to a resource; types that nothing here depends on get an id, a name and an ARN. */
export function answer(asked: Asked, surroundings: Surroundings): Answer {
  const names = new Names(asked, surroundings);
  const known = ANSWERS[asked.type]?.(names, asked, surroundings) ?? {
    id: `${asked.name}-${names.hash.slice(0, 16)}`,
    outputs: {
      name: names.physical,
      arn: names.arn(
        asked.type.split(/[:/]/u)[1] ?? "aws",
        `${asked.name}-${names.hash.slice(0, 16)}`,
      ),
    },
  };
  return { id: known.id, outputs: { region: surroundings.region, ...known.outputs } };
}
