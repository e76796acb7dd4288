import assert from "node:assert/strict";
import { test } from "node:test";
import { GPU_FAMILIES } from "../../../infra/capacity/gpu-instance-types.ts";
import {
  architectureOf,
  gpuAlternatives,
  gpuTypeOf,
  isFractional,
  isGpuFamily,
} from "../../../infra/capacity/instance-types.ts";

/** Families as the EC2 guide of 2026 names them. */
const ARM64 =
  "a1 c6g c6gd c6gn c7g c7gd c7gn c8g c8gb c8gd c8gn g5g hpc7g i4g i8g i8ge im4gn is4gen m6g m6gd m7g m7gd m8g m8gb m8gd m8gn m9g m9gd p6e-gb200 r6g" +
  " r6gd r7g r7gd r8g r8gb r8gd r8gn t4g x2gd x8g";
const X86_64 =
  "c5 c5a c5ad c5d c5n c6a c6i c6id c6in c7a c7i c7i-flex c8a c8i c8i-flex c8ine d3 d3en f2 g4ad g4dn g5 g6 g6e g6f g7e gr6 gr6f hpc6a hpc6id hpc7a i3en" +
  " i4i i7i i7ie m5 m5a m5ad m5dn m5n m5zn m6a m6i m6idn m7a m7i m7i-flex m8a m8azn m8i p3 p3dn p4d p4de p5 p5e p5en p6-b200 p6-b300 r5b r6idn r7iz t2 t3" +
  " t3a u-3tb1 u7i-6tb u7in-24tb vt1 x2idn x2iedn x2iezn z1d";

const every = [...GPU_FAMILIES].flatMap(([family, [, , rows]]) =>
  rows.map(([size]) => `${family}.${size}`),
);

const known = (instanceType: string) => {
  const type = gpuTypeOf(instanceType);
  assert.ok(type !== undefined, instanceType);
  return type;
};

test("GIVEN families of EC2 WHEN their processor is asked for THEN Graviton and Grace are told from the letter before the generation", () => {
  for (const family of ARM64.split(" "))
    assert.equal(architectureOf(`${family}.xlarge`), "ARM64", family);
  for (const family of X86_64.split(" "))
    assert.equal(architectureOf(`${family}.xlarge`), "X86_64", family);
});

test("GIVEN families with GPUs, and others WHEN they are asked THEN no GPU type passes for a CPU type, known or not", () => {
  for (const instanceType of [...every, "g3s.xlarge", "g4ad.xlarge", "g9x.large", "p2.xlarge"])
    assert.ok(isGpuFamily(instanceType), instanceType);
  for (const instanceType of ["m7g.large", "c6gn.large", "inf2.xlarge", "t4g.small", "x2gd.large"])
    assert.ok(!isGpuFamily(instanceType), instanceType);
});

test("GIVEN a GPU type WHEN its facts are asked for THEN they are those of the EC2 guide", () => {
  assert.deepEqual(gpuTypeOf("g6.xlarge"), {
    vcpu: 4,
    memoryMebibytes: 16_384,
    gpus: 1,
    model: "NVIDIA L4",
    gpuMemoryMebibytes: 22_888,
    networkInterfaces: 4,
  });
  assert.deepEqual(gpuTypeOf("g6f.large"), {
    vcpu: 2,
    memoryMebibytes: 8192,
    gpus: 0.125,
    model: "NVIDIA L4",
    gpuMemoryMebibytes: 2861,
    networkInterfaces: 2,
  });
  // Of 40 on four network cards those of the first.
  assert.deepEqual(gpuTypeOf("g6e.48xlarge"), {
    vcpu: 192,
    memoryMebibytes: 1_572_864,
    gpus: 8,
    model: "NVIDIA L40S",
    gpuMemoryMebibytes: 45_776,
    networkInterfaces: 10,
  });
});

test("GIVEN the table WHEN each of its types is looked at THEN it is one that can be", () => {
  for (const instanceType of every) {
    const type = known(instanceType);
    assert.ok(Number.isInteger(type.gpus) || isFractional(type), instanceType);
    assert.equal(isFractional(type), /^gr?6f\./u.test(instanceType), instanceType);
    assert.ok(type.vcpu >= 2 && type.vcpu <= 192 && type.vcpu % 2 === 0, instanceType);
    // 2 GiB for each vCPU is the leanest, of Graviton; 21 the fattest.
    const perVcpu = type.memoryMebibytes / 1024 / type.vcpu;
    assert.ok(perVcpu >= 2 && perVcpu <= 22, instanceType);
    assert.ok(type.networkInterfaces >= 2 && type.networkInterfaces <= 15, instanceType);
  }
});

test("GIVEN parts of a GPU WHEN their memory is asked for THEN it is their part of the whole one's", () => {
  const whole = known("g6.xlarge").gpuMemoryMebibytes;
  for (const [instanceType, part] of [
    ["g6f.large", 0.125],
    ["g6f.xlarge", 0.125],
    ["g6f.2xlarge", 0.25],
    ["g6f.4xlarge", 0.5],
    ["gr6f.4xlarge", 0.5],
  ] as const) {
    assert.equal(known(instanceType).gpus, part);
    assert.equal(known(instanceType).gpuMemoryMebibytes, whole * part);
  }
});

test("GIVEN GPUs of one name and two memories WHEN their model is asked for THEN it tells them apart", () => {
  assert.notEqual(known("p4d.24xlarge").model, known("p4de.24xlarge").model);
  const memories = new Map<string, number>();
  for (const type of every.map(known).filter((each) => !isFractional(each))) {
    assert.equal(
      memories.get(type.model) ?? type.gpuMemoryMebibytes,
      type.gpuMemoryMebibytes,
      type.model,
    );
    memories.set(type.model, type.gpuMemoryMebibytes);
  }
});

test("GIVEN a type that is not in the table WHEN it is asked for THEN nothing is known, and others are named", () => {
  for (const instanceType of ["m7g.large", "g6.metal", "g4ad.xlarge", "g6", ""])
    assert.equal(gpuTypeOf(instanceType), undefined, instanceType);
  assert.deepEqual(gpuAlternatives("gr6.xlarge"), ["gr6.4xlarge", "gr6.8xlarge"]);
  assert.deepEqual(gpuAlternatives("g4ad.xlarge"), [...GPU_FAMILIES.keys()]);
});
