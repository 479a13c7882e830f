/** Any read of the projection service that is answered with JSON, typed by its OpenAPI document. */

import { type CallOptions, type Connection, call, type Reply } from './connection.ts'
import { ContractBroken } from './errors.ts'
import type { paths } from './generated-projection.ts'
import { logPointOf } from './log-point.ts'
import type { LogPoint, ProposalStatus } from './types.ts'

interface Json<Value> {
  readonly get: { readonly responses: { readonly 200: { readonly content: { readonly 'application/json': Value } } } }
}

/** The paths that answer with JSON, such as `/v1/portfolio`. */
export type QuestionPath = { [Path in keyof paths]: paths[Path] extends Json<unknown> ? Path : never }[keyof paths]

/** The answer of a path. `fields` are not requested ({@link QueryOf}), so every row of the list is a whole status. */
export type AnswerTo<Path extends QuestionPath> =
  paths[Path] extends Json<infer Value> ? (Path extends '/v1/proposals' ? Whole<Value> : Value) : never

type Whole<List> = Omit<List, 'proposals'> & { proposals: ProposalStatus[] }

type Parameters<Path extends QuestionPath> = paths[Path]['get']['parameters']

/** The query parameters of a path. */
export type QueryOf<Path extends QuestionPath> = WithLists<Omit<NonNullable<Parameters<Path>['query']>, 'fields'>>

/** A member of a status that a list can be limited to (`fields`). */
export type RowField = NonNullable<NonNullable<Parameters<'/v1/proposals'>['query']>['fields']>[number]

/** Lists are only read. */
type WithLists<Query> = {
  readonly [Name in keyof Query]: Query[Name] extends (infer Item)[] | undefined ? readonly Item[] : Query[Name]
}

export interface Question<Path extends QuestionPath> extends CallOptions {
  readonly query?: QueryOf<Path>
  /** The values for `{…}` in the path. */
  readonly path?: Parameters<Path>['path']
  /** Request headers, such as `Accept-Language` or `Accept`. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Get {
  /** Sends any read to the projection service. `position` is what the answer has seen of the log. @throws ProblemError */
  <Path extends QuestionPath>(
    path: Path,
    question?: Question<Path>,
  ): Promise<LogPoint & { readonly value: AnswerTo<Path> }>
}

export async function get<Path extends QuestionPath>(
  connection: Connection,
  path: Path,
  { query, path: named, headers, ...options }: Question<Path> = {},
): Promise<LogPoint & { readonly value: AnswerTo<Path> }> {
  const init = { params: { query, path: named }, headers: { Accept: 'application/json', ...headers } }
  const ask = connection.projection.GET as (path: Path, init: unknown) => Promise<Reply<AnswerTo<Path>>>
  const { data, response } = await call(connection, options, (signal) => ask(path, { ...init, signal }))
  if (data === undefined) throw new ContractBroken('The answer is empty.')
  return { ...logPointOf(response), value: data }
}
