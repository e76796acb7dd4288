/** An error as AWS answers it. */
export class AwsError extends Error {
  readonly status: number;
  /** Such as `AccessDeniedException`. */
  readonly type: string;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}
