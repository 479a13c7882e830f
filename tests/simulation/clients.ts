/** Clients that record events: what they ask for is made of the seed, and what they were answered is kept for the verdict. */

import type { EventBody } from '@commitments/domain'
import { agreed, delivered, example, funded, proposed } from '@commitments/test-kit'
import { type Recorder, record, recordAll } from '../../services/command/src/recorder/recorder.ts'
import {
  OutcomeUnknown,
  Overloaded,
  Overtaken,
  type Precondition,
  type RecordRequest,
  Unavailable,
} from '../../services/command/src/recorder/requests.ts'
import { request } from '../../services/command/test/recorder-fixture.ts'
import type { Random } from '../failover/plan.ts'

/** One request, or the lines of an atomic import, sent until it has an answer. */
export interface Task {
  readonly client: string
  readonly keys: readonly string[]
  readonly requests: readonly RecordRequest[]
  /** Whether it is sent again after an answer that says that nothing was recorded. */
  readonly persists: boolean
  state: 'ready' | 'sent' | 'over'
  /** How often it was sent; an answer to an earlier attempt is not heard. */
  attempt: number
  /** Whether each attempt so far was answered, and none with an unknown outcome. */
  isCertain: boolean
  /** The lines that it was answered; null: it was refused, or gave up. */
  lines: readonly string[] | null
}

/** A client sends the tasks of one group at once, and then those of the next. */
export interface Client {
  readonly name: string
  readonly groups: Task[][]
}

const proposals = ['a', 'b', 'c']

export function makeClients(random: Random): Client[] {
  return Array.from({ length: 3 }, (_, index) => {
    const name = `client-${index}`
    const groups = Array.from({ length: 4 }, (_, round) => makeGroup(name, `${name}/${round}`, round, random))
    return { name, groups }
  })
}

/** Sometimes the same request twice at once, and sometimes an atomic import. */
function makeGroup(client: string, key: string, round: number, random: Random): Task[] {
  const isAtomic = random() < 0.2
  const size = isAtomic ? 2 + below(random, 2) : 1
  const keys = Array.from({ length: size }, (_, line) => `${key}/${line}`)
  const requests = keys.map((one) => makeRequest(one, round, random))
  const persists = random() < 0.8
  const copies = random() < 0.25 ? 2 : 1
  return Array.from({ length: copies }, () => {
    return { client, keys, requests, persists, state: 'ready', attempt: 0, isCertain: true, lines: null }
  })
}

function makeRequest(key: string, round: number, random: Random): RecordRequest {
  const proposalId = proposals[below(random, proposals.length)] as string
  const body = round === 0 ? proposed() : makeBody(key, random)
  const precondition: Precondition =
    random() < 0.15 ? { demand: 'version', versions: [1 + below(random, 4)] } : { demand: 'nothing' }
  return request(proposalId, { ...body, correlationId: key }, { key, precondition })
}

/** Whether it is accepted depends on what was recorded before; the rules refuse many. */
function makeBody(key: string, random: Random): EventBody {
  const makers: (() => EventBody)[] = [
    () => agreed(),
    () => funded({ line: key.replaceAll('/', '-') }),
    () => funded({ line: key.replaceAll('/', '-') }),
    () => example('assessed'),
    () => example('updated'),
    () => delivered(),
    () => proposed({ parent: proposals[below(random, proposals.length)] as string }),
    () => example('corrected', { corrections: [{ event: 1, data: proposed({ kind: 'memorandum' }).data }] }),
    () => example('retracted', { events: [2 + below(random, 3)] }),
    () => example('linked', { relation: 'child', other: proposals[below(random, proposals.length)] as string }),
  ]
  return (makers[below(random, makers.length)] as () => EventBody)()
}

export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit)
}

/** The tasks that could be sent now. */
export function readyTasks(clients: readonly Client[]): Task[] {
  return clients.flatMap(({ groups }) => {
    while (groups[0]?.every(({ state }) => state === 'over')) groups.shift()
    return groups[0]?.filter(({ state }) => state === 'ready') ?? []
  })
}

/** @param unexpected gets what no client should ever be answered */
export async function send(task: Task, recorder: Recorder, unexpected: string[]): Promise<void> {
  task.state = 'sent'
  task.attempt += 1
  const { attempt } = task
  const isHeard = () => task.state === 'sent' && task.attempt === attempt
  try {
    const lines = await ask(task, recorder)
    if (isHeard()) Object.assign(task, { state: 'over', lines })
  } catch (fault) {
    if (isHeard()) afterFault(task, fault, unexpected)
  }
}

/** The recorded lines; null if it was refused. */
async function ask({ requests, client }: Task, recorder: Recorder): Promise<readonly string[] | null> {
  const [first] = requests as readonly [RecordRequest]
  if (requests.length > 1) {
    const result = await recordAll(recorder, requests, 1_000)
    return result.outcome === 'recorded' ? result.results.map(({ line }) => line) : null
  }
  const result = await record(recorder, first, 1_000)
  if (result.outcome === 'key-reused') throw new Error(`${client} was told that its key was used for something else`)
  return result.outcome === 'recorded' ? [result.line] : null
}

function afterFault(task: Task, fault: unknown, unexpected: string[]): void {
  const isCertain = fault instanceof Unavailable || fault instanceof Overtaken || fault instanceof Overloaded
  const isUnexpected = !isCertain && !(fault instanceof OutcomeUnknown)
  if (isUnexpected) unexpected.push(`${task.keys[0]}: ${String(fault)}`)
  if (!isCertain) task.isCertain = false
  task.state = isUnexpected || (isCertain && !task.persists) ? 'over' : 'ready'
}

/** The service that it was sent to is dead: nobody knows what became of it. */
export function lose(task: Task): void {
  task.state = 'ready'
  task.isCertain = false
}
