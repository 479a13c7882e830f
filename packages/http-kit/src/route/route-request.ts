/** The input of a handler. It is a class, so that rarely used members cost nothing until they are used. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { negotiate } from '../headers/negotiate.ts'
import { parseTraceparent } from '../headers/request-identity.ts'
import type { Caller } from '../keys/key-entries.ts'
import { placeOf } from '../limits/address.ts'
import { closingOf } from '../limits/connections.ts'
import type { Asking, Gates, Work } from '../limits/gate.ts'
import type { Allowance } from '../limits/rates.ts'
import { inTurn } from '../limits/turn.ts'
import { responseTypesOf } from './responses.ts'

/** Fields that a handler adds to its log line: `proposalId`, `version`, `position` and the like. */
export type LogFields = Record<string, string | number | boolean | null>

export interface Input {
  params: unknown
  query: unknown
  headers: unknown
  body: unknown
}

export class RouteRequest {
  readonly params: unknown
  readonly query: unknown
  readonly headers: unknown
  readonly body: unknown
  readonly caller: Caller | null
  readonly raw: FastifyRequest
  readonly reply: FastifyReply
  readonly #gates: Gates

  constructor(raw: FastifyRequest, reply: FastifyReply, input: Input, gates: Gates) {
    this.params = input.params
    this.query = input.query
    this.headers = input.headers
    this.body = input.body
    this.caller = raw.caller
    this.raw = raw
    this.reply = reply
    this.#gates = gates
  }

  /** The caller, and whether it is still there. */
  get asking(): Asking {
    return { caller: this.caller?.name ?? placeOf(this.raw), signal: closingOf(this.raw.raw.socket) }
  }

  /**
   * Does work for this request in a separate turn: for what a route that mostly answers from memory still has to look up, and for each part
   * of a stream, which has no time limit.
   */
  inTurn<T>(kind: Exclude<Work, 'memory'>, work: () => Promise<T>, { patient = false } = {}): Promise<T> {
    return inTurn(this.#gates[kind], { ...this.asking, patient }, work)
  }

  /** The id of the request, the same in the log, in problems and in `X-Request-Id`. */
  get id(): string {
    return this.raw.id
  }

  /** The W3C `traceparent` of this request: of its own span where it is traced, otherwise the caller's, or null if there is none or it is invalid. */
  get traceparent(): string | null {
    return this.raw.span?.traceparent ?? parseTraceparent(this.raw.headers.traceparent)
  }

  /** The offered media type that the caller prefers; it was already checked that there is one. */
  get accepted(): string {
    const offers = this.raw.definition === null ? [] : responseTypesOf(this.raw.definition)
    const chosen = this.raw.definition?.chosenType?.(this.raw.query)
    return chosen ?? negotiate(this.raw.headers.accept, offers) ?? offers[0] ?? ''
  }

  /** What is left of the caller's share, if requests are counted: each further line of an import is taken from it. */
  get allowance(): Allowance | null {
    return this.raw.allowance
  }

  /** A logger whose lines carry the id of the request. */
  get log(): Logger {
    const logger = this.raw.server.log as Logger
    return logger.child({ requestId: this.raw.id })
  }

  /** Adds fields to the one line that is logged when the request is done. Call it on the request. */
  note(this: Pick<RouteRequest, 'raw'>, fields: LogFields): void {
    this.raw.notes = this.raw.notes === null ? fields : { ...this.raw.notes, ...fields }
  }
}
