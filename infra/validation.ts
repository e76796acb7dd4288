import * as pulumi from "@pulumi/pulumi";

/** An argument that AWS would refuse, or accept and break on; the message says what to give instead. */
export class ArgumentError extends pulumi.RunError {
  constructor(component: string, message: string) {
    super(`${component}: ${message}`);
  }
}

/**
 * Runs a check now where the value is known, else as soon as it is.
 *
 * @param test throws an {@link ArgumentError} for a value that must be refused.
 */
export function check<T>(value: pulumi.Input<T> | undefined, test: (value: T) => void): void {
  if (value === undefined) return;
  if (isLate(value)) {
    pulumi.output(value).apply((known) => {
      test(known as T);
    });
    return;
  }
  test(value);
}

/** Whether a value is only known later, if at all in a preview. */
export function isLate<T>(value: pulumi.Input<T>): value is pulumi.OutputInstance<T> | Promise<T> {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

/** Runs a check on several values together: now where all are known, else as soon as they are. */
export function checkTogether<T>(
  values: readonly pulumi.Input<T>[],
  test: (values: readonly T[]) => void,
): void {
  if (values.some((value) => isLate(value))) {
    pulumi.output([...values]).apply((known) => {
      test(known as T[]);
    });
    return;
  }
  test(values as T[]);
}

/** Refuses numbers outside a range, and fractions. */
export function wholeNumberBetween(
  component: string,
  argument: string,
  least: number,
  most: number,
  unit = "",
): (value: number) => void {
  return (value) => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    throw new ArgumentError(
      component,
      `\`${argument}\` is ${value}; give a whole number${unit === "" ? "" : ` of ${unit}`} from ${least} to ${most}.`,
    );
  };
}

/** Refuses values other than those of an enum: TypeScript checks them, Python, Go and YAML programs may not. */
export function oneOf(
  component: string,
  argument: string,
  values: Record<string, string>,
): (value: string) => void {
  return (value) => {
    if (Object.values(values).includes(value)) return;
    throw new ArgumentError(
      component,
      `\`${argument}\` is \`${value}\`; give one of ${Object.values(values)
        .map((known) => `\`${known}\``)
        .join(", ")}.`,
    );
  };
}

/** AWS allows a load balancer or target group 32 characters, of which Pulumi's random suffix takes 8. */
const LONGEST_NAME = 24;

/** Refuses component names that the physical names made from them could not bear. */
export function checkName(component: string, name: string): void {
  if (name.length > LONGEST_NAME || !/^[a-z](?:-?[a-z0-9])*$/u.test(name)) {
    throw new ArgumentError(
      component,
      `the name \`${name}\` does not fit; give one of at most ${LONGEST_NAME} lower-case letters, digits and single hyphens,` +
        " beginning with a letter, since load balancer, target group and repository are named after it.",
    );
  }
  if (name === "internal" || name.startsWith("internal-")) {
    throw new ArgumentError(
      component,
      `the name \`${name}\` does not fit: AWS keeps names beginning with \`internal-\` to itself. Choose another beginning.`,
    );
  }
}

/** Refuses what is not a host name alone: a scheme, a port or a path would never match what clients send. */
export function hostName(component: string, argument: string): (value: string) => void {
  return (value) => {
    if (
      /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/iu.test(
        value,
      )
    )
      return;
    throw new ArgumentError(
      component,
      `\`${argument}\` has \`${value}\`; give a host name without scheme, port and path, such as \`mcp.example.com\`.`,
    );
  };
}
