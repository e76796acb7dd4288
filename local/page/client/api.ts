/** What the page's server answers; throws its sentence where it refuses. */
export async function read<Answer>(path: string): Promise<Answer> {
  return answered<Answer>(await asked(path));
}

export async function send<Answer>(path: string, body: object): Promise<Answer> {
  return answered<Answer>(
    await asked(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
}

async function asked(path: string, request?: RequestInit): Promise<Response> {
  try {
    return await fetch(path, request);
  } catch {
    throw new Error("The run does not answer. See whether its terminal is still open.");
  }
}

async function answered<Answer>(response: Response): Promise<Answer> {
  const body = (await response.json()) as Answer | { readonly error: string };
  if (response.ok) return body as Answer;
  throw new Error((body as { readonly error: string }).error);
}
