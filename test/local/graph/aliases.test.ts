import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aliasUrns } from "../../../local/graph/aliases.ts";

const STACK = { project: "shop", stack: "dev" };
const EMPTY = { name: "", type: "", stack: "", project: "", parentUrn: "", noParent: false };
const PARENT = "urn:pulumi:dev::shop::my:Component::api";

describe("GIVEN a resource without aliases of its own", () => {
  it("WHEN its parent had another name THEN its own name followed, where it begins with the parent's", () => {
    const former = ["urn:pulumi:dev::shop::my:Component::web"];
    const child = { type: "aws:s3/bucket:Bucket", parent: PARENT, aliases: [] };

    assert.deepEqual(aliasUrns(STACK, { ...child, name: "api-logs" }, former), [
      "urn:pulumi:dev::shop::my:Component$aws:s3/bucket:Bucket::web-logs",
    ]);
    assert.deepEqual(aliasUrns(STACK, { ...child, name: "logs" }, former), [
      "urn:pulumi:dev::shop::my:Component$aws:s3/bucket:Bucket::logs",
    ]);
  });
});

describe("GIVEN a resource with aliases", () => {
  const bucket = { type: "aws:s3/bucket:Bucket", name: "logs", parent: PARENT };

  it("WHEN one names another name, type, project or parent THEN all else is its own", () => {
    const aliases = [
      { ...EMPTY, name: "old" },
      { ...EMPTY, type: "aws:s3/bucketV2:BucketV2" },
      { ...EMPTY, project: "store" },
      { ...EMPTY, noParent: true },
    ];

    assert.deepEqual(aliasUrns(STACK, { ...bucket, aliases }, []), [
      "urn:pulumi:dev::shop::my:Component$aws:s3/bucket:Bucket::old",
      "urn:pulumi:dev::shop::my:Component$aws:s3/bucketV2:BucketV2::logs",
      "urn:pulumi:dev::store::my:Component$aws:s3/bucket:Bucket::logs",
      "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::logs",
    ]);
  });

  it("WHEN its parent has one, too THEN each of its names is looked for below each of the parent's", () => {
    const aliases = [{ ...EMPTY, name: "old" }, { urn: "urn:pulumi:dev::shop::x:Y::z" }];

    assert.deepEqual(
      aliasUrns(STACK, { ...bucket, aliases }, ["urn:pulumi:dev::shop::my:Component::web"]),
      [
        "urn:pulumi:dev::shop::my:Component$aws:s3/bucket:Bucket::old",
        "urn:pulumi:dev::shop::x:Y::z",
        "urn:pulumi:dev::shop::my:Component$aws:s3/bucket:Bucket::logs",
        "urn:pulumi:dev::shop::my:Component$x:Y::z",
      ],
    );
  });
});
