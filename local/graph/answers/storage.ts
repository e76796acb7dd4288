import { ACCOUNT, byPrefix, type Answers } from "./names.ts";

/** Buckets, file systems, images. */
export const STORAGE: Answers = {
  "aws:s3/bucket:Bucket": (names) => ({
    id: names.physical,
    outputs: { arn: `arn:aws:s3:::${names.physical}`, bucket: names.physical },
  }),
  "aws:ecr/repository:Repository": (names, _asked, { region }) => ({
    id: names.physical,
    outputs: {
      arn: names.arn("ecr", `repository/${names.physical}`),
      name: names.physical,
      repositoryUrl: `${ACCOUNT}.dkr.ecr.${region}.amazonaws.com/${names.physical}`,
    },
  }),
  "awsx:ecr:Repository": (names, _asked, { region }) => ({
    id: "",
    outputs: {
      url: `${ACCOUNT}.dkr.ecr.${region}.amazonaws.com/${names.physical}`,
      repository: { arn: names.arn("ecr", `repository/${names.physical}`), name: names.physical },
    },
  }),
  "awsx:ecr:Image": (names, { inputs }) => ({
    id: "",
    outputs: { imageUri: `${String(inputs["repositoryUrl"])}@sha256:${names.hash}` },
  }),
  "aws:efs/fileSystem:FileSystem": (names, _asked, { region }) => {
    const id = names.id("fs");
    return {
      id,
      outputs: {
        arn: names.arn("elasticfilesystem", `file-system/${id}`),
        dnsName: `${id}.efs.${region}.amazonaws.com`,
      },
    };
  },
  "aws:efs/accessPoint:AccessPoint": byPrefix("fsap", "elasticfilesystem", "access-point"),
  "aws:efs/mountTarget:MountTarget": byPrefix("fsmt", "elasticfilesystem", "mount-target"),
};
