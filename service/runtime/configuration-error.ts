/** An environment that the host cannot run with; its message says what to change. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}
