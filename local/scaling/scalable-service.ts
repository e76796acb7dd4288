/** A service, as far as scaling sees it. */
export interface ScalableService {
  readonly name: string;
  readonly desiredCount: number;
  /** The tasks that run: what sizes are in proportion to. */
  readonly runningCount: number;
  /** While a deployment runs nothing scales in. */
  readonly isDeploying: boolean;
  setDesiredCount(count: number, reason: string): void;
}
