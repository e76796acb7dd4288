/** Private names, asked by the resolver that a gateway has, and the ways that security groups leave open. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, connect, type AddressInfo } from "node:net";
import { Resolver } from "node:dns/promises";
import { test, type TestContext } from "node:test";
import type { Graph, GraphResource } from "../../../local/graph/graph.ts";
import { readSecurityGroups } from "../../../local/graph/security-groups.ts";
import type { EcsService } from "../../../local/graph/services.ts";
import {
  startPrivateNames,
  type RunningNames,
} from "../../../local/private-names/private-names.ts";
import { container } from "../containers.ts";
import { graphOf, resource } from "../drawing/small-graph.ts";
import { revision } from "../ecs/fake-service.ts";

const NAME = "arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1";
const HOST = "weather.mcp.internal";

function names(inputs: object = {}): GraphResource[] {
  return [
    resource(
      "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
      "mcp",
      { name: "mcp.internal" },
      { id: "ns-1" },
    ),
    resource(
      "aws:servicediscovery/service:Service",
      "weather",
      {
        name: "weather",
        dnsConfig: {
          namespaceId: "ns-1",
          dnsRecords: [{ type: "A", ttl: 5 }],
          routingPolicy: "MULTIVALUE",
        },
        healthCheckCustomConfig: { failureThreshold: 1 },
        ...inputs,
      },
      { outputs: { arn: NAME } },
    ),
  ];
}

const group = (id: string): GraphResource =>
  resource("aws:ec2/securityGroup:SecurityGroup", id, {}, { id });

function rule(
  direction: "Egress" | "Ingress",
  own: string,
  other: string,
  port = 80,
): GraphResource {
  return resource(
    `aws:vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule`,
    `${direction} of ${own}`,
    {
      securityGroupId: own,
      referencedSecurityGroupId: other,
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
    },
  );
}

const OPEN = [rule("Egress", "gateway", "weather"), rule("Ingress", "weather", "gateway")];
const GATEWAY = revision({ arn: "gateway", name: "gateway", securityGroups: ["gateway"] });
const task = { ...revision().task, containers: [container("server", { ports: [80] })] };
const WEATHER = revision({
  arn: "weather",
  name: "weather",
  registryArns: [NAME],
  securityGroups: ["weather"],
  task,
});
const SERVICES: readonly EcsService[] = [GATEWAY, WEATHER];

const graph = (...more: readonly GraphResource[]): Graph =>
  graphOf(...names(), group("gateway"), group("weather"), ...more);

async function started(
  context: TestContext,
  given = graph(...OPEN),
  hasOwnAddresses = true,
): Promise<{ readonly running: RunningNames; readonly resolver: Resolver }> {
  const running = await startPrivateNames(given, SERVICES, { hasOwnAddresses });
  context.after(() => running.close());
  const resolver = new Resolver({ tries: 1 });
  resolver.setServers([running.variables("gateway")["DNS_SERVERS"] ?? ""]);
  return { running, resolver };
}

const at = (host: string) => ({
  host,
  port: (declared: number) => declared,
  release: () => undefined,
});

test("GIVEN healthy tasks under a name WHEN it is asked for THEN their addresses are given with the declared time to live, whatever the case", async (context) => {
  const { running, resolver } = await started(context);
  running.registry.register(NAME, { id: "1", address: at("127.9.1.1"), healthy: true });
  running.registry.register(NAME, { id: "2", address: at("127.9.2.1"), healthy: true });

  const records = await resolver.resolve4("Weather.MCP.internal", { ttl: true });

  assert.deepEqual(records.map(({ address }) => address).sort(), ["127.9.1.1", "127.9.2.1"]);
  assert.deepEqual([...new Set(records.map(({ ttl }) => ttl))], [5]);
  await assert.rejects(resolver.resolve6(HOST), { code: "ENODATA" });
});

test("GIVEN a name WHEN no task of it is healthy, or is there any more, THEN it does not exist", async (context) => {
  const { running, resolver } = await started(context);
  const { registry } = running;
  const gone = { code: "ENOTFOUND" };

  await assert.rejects(resolver.resolve4(HOST), gone);
  registry.register(NAME, { id: "1", address: at("127.9.1.1"), healthy: false });
  await assert.rejects(resolver.resolve4(HOST), gone);
  registry.setHealth("1", true);
  assert.deepEqual(await resolver.resolve4(HOST), ["127.9.1.1"]);
  registry.deregister("1");
  await assert.rejects(resolver.resolve4(HOST), gone);
});

test("GIVEN twenty tasks WHEN the name is asked for again and again THEN each answer has eight, and every task comes up", async (context) => {
  const { running, resolver } = await started(context);
  for (let index = 1; index <= 20; index++)
    running.registry.register(NAME, {
      id: String(index),
      address: at(`127.9.1.${index}`),
      healthy: true,
    });

  const answers = await Promise.all(Array.from({ length: 60 }, () => resolver.resolve4(HOST)));

  assert.deepEqual([...new Set(answers.map(({ length }) => length))], [8]);
  assert.equal(new Set(answers.flat()).size, 20);
});

test("GIVEN a name with a weighted policy WHEN it is asked for THEN the answer has one address", async (context) => {
  const dnsConfig = {
    namespaceId: "ns-1",
    dnsRecords: [{ type: "A", ttl: 5 }],
    routingPolicy: "WEIGHTED",
  };
  const { running, resolver } = await started(
    context,
    graphOf(...names({ dnsConfig }), group("gateway"), group("weather"), ...OPEN),
  );
  for (const id of ["1", "2"])
    running.registry.register(NAME, { id, address: at(`127.9.1.${id}`), healthy: true });

  assert.equal((await resolver.resolve4(HOST)).length, 1);
});

test("GIVEN security groups WHEN a rule of either side is missing, or is for another port, THEN the name leads nowhere, until the program adds it", async (context) => {
  const [out, inward] = OPEN;
  assert.ok(out && inward);
  for (const rules of [[], [out], [inward], [rule("Egress", "gateway", "weather", 81), inward]]) {
    const { running, resolver } = await started(context, graph(...rules));
    running.registry.register(NAME, { id: "1", address: at("127.9.1.1"), healthy: true });

    assert.deepEqual(await resolver.resolve4(HOST), ["127.255.255.254"]);
    running.update(graph(...OPEN), SERVICES);
    assert.deepEqual(await resolver.resolve4(HOST), ["127.9.1.1"]);
  }
});

test("GIVEN rules of every form WHEN a connection is looked at THEN addresses count where they cover the VPC, and groups that are not declared let through", () => {
  const inline = resource(
    "aws:ec2/securityGroup:SecurityGroup",
    "inline",
    {
      ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["10.0.0.0/8"] }],
      egress: [{ protocol: "udp", fromPort: 0, toPort: 65_535, cidrBlocks: ["0.0.0.0/0"] }],
    },
    { id: "inline" },
  );
  const narrow = resource("aws:ec2/securityGroupRule:SecurityGroupRule", "old", {
    type: "egress",
    securityGroupId: "gateway",
    protocol: "tcp",
    fromPort: 443,
    toPort: 443,
    cidrBlocks: ["0.0.0.0/0"],
  });
  const { mayConnect } = readSecurityGroups(graph(inline, narrow));

  assert.equal(mayConnect(["gateway"], ["inline"], 443), true);
  assert.equal(mayConnect(["gateway"], ["inline"], 80), false);
  assert.equal(mayConnect(["inline"], ["gateway"], 443), false);
  assert.equal(mayConnect(["sg-elsewhere"], ["inline"], 80), true);
});

test("GIVEN tasks that share one address WHEN their name is asked for THEN a forwarder stands for them, on a port that values name", async (context) => {
  const { running, resolver } = await started(context, graph(...OPEN), false);
  const servers = await Promise.all(
    ["one", "two"].map(async (text) => {
      const server = createServer((socket) => socket.end(text)).listen(0, "127.0.0.1");
      await once(server, "listening");
      context.after(() => server.close());
      return (server.address() as AddressInfo).port;
    }),
  );
  for (const [index, port] of servers.entries())
    running.registry.register(NAME, {
      id: String(index),
      address: { ...at("127.0.0.1"), port: () => port },
      healthy: true,
    });

  const [[from, to] = ["", ""]] = running.addresses("gateway");
  const { port } = new URL(to);
  const said = new Set<string>();
  for (let time = 0; time < 50 && said.size < 2; time++) {
    const socket = connect(Number(port), (await resolver.resolve4(HOST))[0] ?? "");
    const [data] = (await once(socket, "data")) as [Buffer];
    said.add(data.toString());
    socket.destroy();
  }

  assert.equal(from, `http://${HOST}:80`);
  assert.deepEqual([...said].sort(), ["one", "two"]);
});

test("GIVEN a forwarder WHEN the task that it chooses is dead THEN the connection is reset, and a service whose groups forbid it has no port at all", async (context) => {
  const { running } = await started(context, graph(...OPEN), false);
  running.registry.register(NAME, {
    id: "1",
    address: { ...at("127.0.0.1"), port: () => 9 },
    healthy: true,
  });
  const [[, to] = ["", ""]] = running.addresses("gateway");
  const socket = connect(Number(new URL(to).port), "127.0.0.1");

  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];

  assert.equal(error.code, "ECONNRESET");
  running.update(graph(), SERVICES);
  assert.deepEqual(running.addresses("gateway"), [[`http://${HOST}:80`, `http://${HOST}:1`]]);
});

test("GIVEN a program without private names WHEN it runs THEN nothing answers, and tasks are told of nothing", async (context) => {
  const running = await startPrivateNames(graphOf(), SERVICES, { hasOwnAddresses: true });
  context.after(() => running.close());

  assert.deepEqual(running.variables("gateway"), {});
  assert.deepEqual(running.addresses("gateway"), []);
});

test("GIVEN rubbish by UDP and TCP WHEN it has come THEN questions are answered all the same", async (context) => {
  const { running, resolver } = await started(context);
  running.registry.register(NAME, { id: "1", address: at("127.9.1.1"), healthy: true });
  const [host = "", port] = (running.variables("gateway")["DNS_SERVERS"] ?? "").split(":");
  const udp = createSocket("udp4");
  await new Promise<void>((resolve) => {
    udp.send(Buffer.from("rubbish"), Number(port), host, () => {
      udp.close(resolve);
    });
  });
  const tcp = connect(Number(port), host);
  tcp.on("error", () => undefined);
  tcp.write(Buffer.from([0, 3, 1, 2, 3]));
  await once(tcp, "close");

  assert.deepEqual(await resolver.resolve4(HOST), ["127.9.1.1"]);
});
