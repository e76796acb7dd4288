import type { Response } from "express";

/** Why a request to the endpoint was answered without a call: as many values as there are here, since each is a metric to pay for. */
export type RefusalReason =
  | "unauthorized"
  | "invalid_token"
  | "insufficient_scope"
  | "forbidden"
  | "overloaded"
  | "unavailable"
  | "invalid_request"
  | "internal_error";

/** Among a response's locals: whether it is 503 for another reason than that this replica has enough to do. */
const UNAVAILABLE = "mcpUnavailable";

/** Tells a 503 that more replicas would not prevent from one that they would. */
export function markUnavailable(response: Response): void {
  response.locals[UNAVAILABLE] = true;
}

/** Reads the reason from what the client has been told. @param response status 400 or more. */
export function refusalReason(response: Response): RefusalReason {
  const { statusCode: status } = response;
  switch (status) {
    case 401:
      // A client without a token is told where to get one, and no error (RFC 6750, 3.1).
      return hasError(response) ? "invalid_token" : "unauthorized";
    case 403:
      return hasError(response) ? "insufficient_scope" : "forbidden";
    case 503:
      return response.locals[UNAVAILABLE] === true ? "unavailable" : "overloaded";
    default:
      return status < 500 ? "invalid_request" : "internal_error";
  }
}

function hasError(response: Response): boolean {
  return String(response.getHeader("WWW-Authenticate")).includes("error=");
}
