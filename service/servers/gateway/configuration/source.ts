/** Where the upstreams of a gateway stand written, to be read again and again. */
export interface UpstreamSource {
  /** For logs: where somebody would look for it. */
  readonly place: string;
  /**
   * Reads all of them: name → JSON text of the configuration. Undefined: nothing has changed since it was read last.
   *
   * @throws where it cannot be read, or is no configuration as a whole; what was read before stays good.
   */
  read(signal: AbortSignal): Promise<ReadonlyMap<string, string> | undefined>;
  /** Hears that reading may be worth it before its time; returns what ends it. */
  onHint?(listener: () => void): () => void;
}
