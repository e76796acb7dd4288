/** A number with as many digits as it is worth: three. */
export function number(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${digits(value / 1e9)} G`;
  if (size >= 1e6) return `${digits(value / 1e6)} M`;
  if (size >= 1e4) return `${digits(value / 1e3)} k`;
  return digits(value);
}

function digits(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e4) return String(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 0.995 || size === 0 ? value.toFixed(1) : value.toPrecision(2);
}

/** A rate a second: one decimal while it is small, so that it does not flicker. */
export function rate(value: number): string {
  if (value === 0) return "0";
  if (value < 0.05) return "<0.1";
  return value < 100 ? value.toFixed(1) : number(Math.round(value));
}

/** A span of time, such as `18 ms`, `1.4 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1) return `${milliseconds.toFixed(2)} ms`;
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${milliseconds.toFixed(0)} ms`;
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`;
  return spanOf(Math.round(milliseconds / 1000));
}

/** A span of time in whole seconds, for what counts up while one looks. */
export function wholeSeconds(milliseconds: number): string {
  return spanOf(Math.max(0, Math.floor(milliseconds / 1000)));
}

function spanOf(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Beyond this, a clock's moment is a date, not a time since it began: thirty years of milliseconds. */
const DATES_BEGIN = 1e12;

/** A moment of the run's clock, such as `4:07` or `1:04:07` since it began; of a clock that knows the date, the time of day. */
export function moment(at: number): string {
  if (at > DATES_BEGIN) return new Date(at).toTimeString().slice(0, 8);
  const seconds = Math.max(0, Math.floor(at / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours === 0 ? rest : `${hours}:${rest}`;
}

/** An identifier, short enough to be told from its neighbours. */
export function shortId(id: string): string {
  return id.slice(0, 6);
}

/** `one replica`, `3 replicas`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`;
}
