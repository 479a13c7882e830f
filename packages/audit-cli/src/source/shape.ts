/** The one place that checks the shape of what is served: everything that the comparisons read afterwards is there, and of its type. */
import { ProposalId } from '@commitments/domain'
import { CannotCheck } from '../verdict.ts'
import { askJson, type Service } from './service.ts'

export type Members = Readonly<Record<string, unknown>>

/** An answer as JSON object, how far it says that it has seen the log, and when it was made by the service's own clock. */
export interface Answer {
  readonly value: Members
  readonly position: number
  readonly servedAt: number
}

/** Null for 404. @throws CannotCheck if there is no answer, or none of a documented shape */
export async function askObject(service: Service, path: string): Promise<Answer | null> {
  const answer = await askJson(service, path)
  if (answer === null) return null
  const { value, headers } = answer
  return { value: objectIn(value, path), position: positionOf(headers), servedAt: dateOf(headers) }
}

export function objectIn(value: unknown, path: string): Members {
  if (!isObject(value)) throw new CannotCheck(`the answer to ${path} is not as documented`)
  return value
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member that is a list of objects. */
export function objectsIn(value: Members, member: string, path: string): readonly Members[] {
  const all = value[member]
  if (!Array.isArray(all) || !all.every(isObject))
    throw new CannotCheck(`the answer to ${path} is not as documented: ${member} is no list of objects`)
  return all
}

/** The id of the proposal that a status, or another part of an answer, is of. */
export function idIn(value: Members, path: string): string {
  const id = ProposalId.safeParse(value['proposalId'])
  if (!id.success) throw new CannotCheck(`the answer to ${path} does not say of which proposal it is`)
  return id.data
}

/** Texts of a member that may be one text, a list of texts or of objects, or anything else. */
export function textsIn(value: unknown): string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value]
  return all.flatMap((one) => (typeof one === 'string' ? one : []))
}

export function membersOf(value: unknown, member: string): unknown[] {
  return Array.isArray(value) ? value.flatMap((one) => (isObject(one) ? one[member] : [])) : []
}

function positionOf(headers: Headers): number {
  const position = headers.get('Log-Position')
  if (position === null || !/^\d{1,15}$/.test(position))
    throw new CannotCheck('an answer does not say how far it has seen')
  return Number(position)
}

function dateOf(headers: Headers): number {
  const date = Date.parse(headers.get('Date') ?? '')
  return Number.isNaN(date) ? Date.now() : date
}
