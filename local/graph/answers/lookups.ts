import { ACCOUNT, Names, type Surroundings } from "./names.ts";
import { zoneNames } from "./network.ts";

/** What AWS would answer to a question (an invoke). */
export function invoke(
  token: string,
  inputs: Readonly<Record<string, unknown>>,
  surroundings: Surroundings,
): Record<string, unknown> {
  const { region } = surroundings;
  // What AWS would have found is the same for the same question.
  const found = new Names(
    { urn: `${token} ${JSON.stringify(inputs)}`, type: token, name: "local", inputs },
    surroundings,
  );
  switch (token) {
    case "aws:index/getRegion:getRegion":
      return {
        id: region,
        name: region,
        region,
        description: region,
        endpoint: `ec2.${region}.amazonaws.com`,
      };
    case "aws:index/getPartition:getPartition":
      return {
        id: "aws",
        partition: "aws",
        dnsSuffix: "amazonaws.com",
        reverseDnsPrefix: "com.amazonaws",
      };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return {
        id: ACCOUNT,
        accountId: ACCOUNT,
        arn: `arn:aws:iam::${ACCOUNT}:user/local`,
        userId: "local",
      };
    case "aws:index/getAvailabilityZones:getAvailabilityZones":
      return {
        id: region,
        names: zoneNames(region, { numberOfAvailabilityZones: 6 }),
        zoneIds: ["az1", "az2", "az3", "az4", "az5", "az6"].map((zone) => `local-${zone}`),
        groupNames: [region],
      };
    case "aws:ec2/getManagedPrefixList:getManagedPrefixList":
      return { ...inputs, id: "pl-3b927c52" };
    case "aws:ec2/getVpc:getVpc":
      return {
        ...inputs,
        cidrBlock: "10.0.0.0/16",
        enableDnsHostnames: true,
        enableDnsSupport: true,
      };
    case "aws:ec2/getSubnet:getSubnet":
      return {
        ...inputs,
        // Each in a zone of its own, as load balancers want it.
        availabilityZoneId: `local-${String(inputs["id"])}`,
        cidrBlock: "10.0.0.0/24",
      };
    case "aws:ssm/getParameter:getParameter":
      return {
        ...inputs,
        id: inputs["name"],
        arn: found.arn("ssm", `parameter${String(inputs["name"])}`),
        type: "String",
        version: 1,
        ...parameterValue(String(inputs["name"]), found.id("ami")),
      };
    case "aws:ec2/getAmi:getAmi":
      return {
        ...inputs,
        id: found.id("ami"),
        imageId: found.id("ami"),
        arn: found.arn("ec2", `image/${found.id("ami")}`),
        rootDeviceName: "/dev/xvda",
      };
    case "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings":
      return { ...inputs, id: region, ...offerings(inputs, region) };
    default:
      return { id: "local", ...inputs };
  }
}

/** The public parameters of AMIs: `…/image_id` holds the id, `…/recommended` an object with it. */
function parameterValue(name: string, imageId: string): object {
  const value = name.endsWith("/recommended") ? JSON.stringify({ image_id: imageId }) : imageId;
  return { value, insecureValue: value };
}

/** Every zone offers every type: what one does not have is not known here. */
function offerings(inputs: Readonly<Record<string, unknown>>, region: string): object {
  const filters = Array.isArray(inputs["filters"])
    ? (inputs["filters"] as { readonly name: string; readonly values: readonly string[] }[])
    : [];
  const asked = filters.find(({ name }) => name === "instance-type")?.values ?? [];
  const zones = zoneNames(region, { numberOfAvailabilityZones: 6 });
  const pairs = asked.flatMap((type) => zones.map((zone) => ({ type, zone })));
  return {
    instanceTypes: pairs.map(({ type }) => type),
    locations: pairs.map(({ zone }) => zone),
    locationTypes: pairs.map(() => "availability-zone"),
  };
}
