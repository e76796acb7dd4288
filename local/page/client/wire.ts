/** A line of the drawing. */
export interface Wire {
  readonly key: string;
  /** As SVG's paths are written. */
  readonly d: string;
  /** Requests a second. */
  readonly rate: number;
  readonly kind: "traffic" | "dark" | "failing";
}

/** The width of a line in pixels, by the logarithm of its rate: a hundred times the traffic must not be a hundred times as wide. */
export function weight(rate: number): number {
  return 1 + 2.6 * Math.log10(1 + rate);
}

/** Of the corners of lines, in pixels. */
export const RADIUS = 8;

/** From a line that runs to the right, down to a stop. */
export function drop(x: number, line: number, top: number): string {
  const radius = Math.min(RADIUS, top - line);
  return `M${x - RADIUS} ${line}Q${x} ${line} ${x} ${line + radius}V${top}`;
}

/** From a stop down to a line that runs to the left. */
export function join(x: number, bottom: number, line: number): string {
  const radius = Math.min(RADIUS, line - bottom);
  return `M${x} ${bottom}V${line - radius}Q${x} ${line} ${x - RADIUS} ${line}`;
}
