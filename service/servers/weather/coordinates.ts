/** Four decimals are about eleven metres, far below a forecast grid's cell of 2.5 km. */
const PRECISION = 10_000;

/**
 * Degrees as the API writes them: four decimals at most. It redirects any other form (301), so
 * asking in this one saves a round trip and makes equal places equal in the cache.
 */
export function roundDegrees(degrees: number): number {
  // Adding zero turns -0 into 0.
  return Math.round(degrees * PRECISION) / PRECISION + 0;
}
