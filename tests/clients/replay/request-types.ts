/** A request that is sent to both servers. Texts may hold `{name}` of something that an earlier answer of that server gave. */
export interface ReplayRequest {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** With its query; below `/api/2.0/mlflow/` unless it begins with a slash. */
  readonly path: string;
  /** Sent as JSON; a text as it is, with the type `application/octet-stream`. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What to remember of the answer: a name and the way to the value. */
  readonly save?: Readonly<Record<string, string>>;
  /** A list of the answer whose order MLflow's server leaves to its database, and what tells its entries apart. */
  readonly unordered?: Readonly<Record<string, string>>;
}

type Options = Pick<ReplayRequest, 'save' | 'headers' | 'unordered'>;

const request =
  (method: ReplayRequest['method']) =>
  (name: string, path: string, body?: unknown, options: Options = {}): ReplayRequest => ({
    name,
    method,
    path,
    ...(body !== undefined && { body }),
    ...options,
  });

export const post = request('POST');
export const patch = request('PATCH');
export const put = request('PUT');
export const remove = request('DELETE');

export function get(name: string, path: string, options: Options = {}): ReplayRequest {
  return request('GET')(name, path, undefined, options);
}
