import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkZoneCount,
  zoneNames,
  ZONES_WITHOUT_VPC_ORIGINS,
} from "../../../infra/network/zones.ts";
import { assertRefused, deploy } from "../mocks.ts";

test("GIVEN a region WHEN its zones are chosen THEN they are the first ones that CloudFront reaches, local zones left out", async () => {
  const { result, calls } = await deploy(() => zoneNames(3, {}));

  assert.deepEqual(result, ["us-east-1a", "us-east-1b", "us-east-1c"]);
  assert.deepEqual(calls, [
    {
      token: "aws:index/getAvailabilityZones:getAvailabilityZones",
      provider: "",
      inputs: {
        filters: [{ name: "zone-type", values: ["availability-zone"] }],
        excludeZoneIds: ["use1-az3", "usw1-az2", "apne1-az3", "cac1-az3"],
      },
    },
  ]);
});

test("GIVEN the zones that CloudFront does not reach THEN they are ids: a name means another zone in every account", () => {
  for (const id of ZONES_WITHOUT_VPC_ORIGINS) assert.match(id, /^[a-z]{3,4}\d-az\d$/u);
});

test("GIVEN fewer zones than wanted WHEN they are counted THEN that is refused with how many there are", () => {
  const names = ["us-west-1a", "us-west-1c"];
  checkZoneCount(names, 2);
  assertRefused(() => {
    checkZoneCount(names, 3);
  }, "McpPlatform: `zones` is 3, but only 2 zones of the region can be used: `us-west-1a`, `us-west-1c`. Give 2, or choose another region.");
});
