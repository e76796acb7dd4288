import { ACCOUNT, byName, byPrefix, type Answers } from "./names.ts";

/** EC2 instances and what starts them. */
export const INSTANCES: Answers = {
  "aws:ec2/launchTemplate:LaunchTemplate": byPrefix("lt", "ec2", "launch-template", () => ({
    latestVersion: 1,
    defaultVersion: 1,
  })),
  "aws:autoscaling/group:Group": byName((names) =>
    names.arn(
      "autoscaling",
      `autoScalingGroup:${names.uuid()}:autoScalingGroupName/${names.physical}`,
    ),
  ),
  "aws:ec2/securityGroup:SecurityGroup": byPrefix("sg", "ec2", "security-group", () => ({
    ownerId: ACCOUNT,
  })),
  "aws:ec2/placementGroup:PlacementGroup": byName((names) =>
    names.arn("ec2", `placement-group/${names.physical}`),
  ),
};
