/**
 * Deterministic simulation. Two recorders, four projectors and a reader of the log run with their real code over a real database, in one process,
 * where nothing moves unless the scheduler lets it: which client sends, which statement reaches the database next, whether its connection is cut
 * before or its answer is lost, who is killed, and how long the code believes to have waited. All of that follows from the seed.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { type Cleanup, openDatabase, type TestDatabase } from '@commitments/test-kit'
import type { Pool, PoolClient } from 'pg'
import { drain } from '../../services/command/src/recorder/recorder.ts'
import { type Random, randomFrom } from '../failover/plan.ts'
import { below, type Client, lose, makeClients, readyTasks, send, type Task } from './clients.ts'
import { bury, type Fate, type Gate, kill, type Running, type Waiting } from './gate.ts'
import {
  type CommandProcess,
  longJump,
  type Process,
  startCommandProcess,
  startProjector,
  startReader,
  type TurnProcess,
} from './processes.ts'
import { faultsAtTheEnd, faultsOfSnapshot } from './verdict.ts'

export interface Simulated {
  /** What was decided, in words, in its order. */
  readonly decisions: readonly string[]
  readonly events: number
  /** What is wrong, in words; empty if nothing is. */
  readonly faults: readonly string[]
}

interface World {
  readonly random: Random
  readonly database: TestDatabase
  /** Sees everything and is no part of the simulation. */
  readonly control: Pool
  readonly clients: readonly Client[]
  readonly tasks: readonly Task[]
  readonly commands: CommandProcess[]
  readonly turners: TurnProcess[]
  readonly dead: Process[]
  readonly decisions: string[]
  readonly unexpected: string[]
  /** Which of the two recorders each sent task was given to. */
  readonly sentTo: Map<Task, CommandProcess>
  /** What the reader of the log has got. */
  readonly read: string[]
  /** Holds the lock of the log, so that appends wait in the database; null: it is free. */
  holder: PoolClient | null
  /** Milliseconds on the clock of the simulated code. */
  now: number
}

/** What may happen next. */
interface Choice {
  readonly what: string
  readonly weight: number
  take(): void | Promise<void>
}

/** So many decisions at most bring faults; then the rest is carried out, or a run could go on for ever. */
const restlessDecisions = 300
/** No run needs nearly as many. */
const mostDecisions = 5_000

/** @throws if the simulation itself cannot go on */
export async function simulate(t: Cleanup, seed: number): Promise<Simulated> {
  const world = await openWorld(t, seed)
  const realNow = performance.now
  performance.now = () => world.now
  try {
    await runThrough(world)
    const faults = [...world.unexpected, ...(await faultsAtTheEnd(world.control, world.tasks, world.read))]
    return { decisions: world.decisions, events: world.read.length, faults }
  } finally {
    await end(world)
    performance.now = realNow
  }
}

async function openWorld(t: Cleanup, seed: number): Promise<World> {
  const random = randomFrom(seed)
  const database = await openDatabase(t)
  const clients = makeClients(random)
  const { url } = database
  const read: string[] = []
  return {
    random,
    database,
    control: database.pool(undefined, { max: 3 }),
    clients,
    tasks: clients.flatMap(({ groups }) => groups.flat()),
    commands: ['command-1', 'command-2'].map((name) => startCommandProcess(url, name)),
    turners: [
      ...[0, 0, 1, 1].map((index, place) => startProjector(url, `projector-${place + 1}`, index, 1 + below(random, 5))),
      startReader(url, 'reader', 1 + below(random, 4), read),
    ],
    dead: [],
    decisions: [],
    unexpected: [],
    sentTo: new Map(),
    read,
    holder: null,
    now: 1_000,
  }
}

async function runThrough(world: World): Promise<void> {
  for (;;) {
    await untilStill(world)
    if (isOver(world)) return finish(world)
    if (world.decisions.length >= mostDecisions) throw new Error('the simulation does not come to an end')
    const isRestless = world.decisions.length < restlessDecisions
    if (!isRestless && world.holder !== null) await letGo(world)
    await decide(world, isRestless ? [...usual(world, everyFate), ...strikes(world)] : usual(world, noFault))
    if (world.decisions.length % 50 === 0) world.unexpected.push(...(await faultsOfSnapshot(world.control)))
  }
}

async function decide(world: World, choices: readonly Choice[]): Promise<void> {
  const { what, take } = pick(choices, world.random)
  world.decisions.push(what)
  world.now += below(world.random, 50)
  await take()
}

function pick(choices: readonly Choice[], random: Random): Choice {
  const place = random() * choices.reduce((sum, { weight }) => sum + weight, 0)
  let passed = 0
  for (const choice of choices) {
    passed += choice.weight
    if (place < passed) return choice
  }
  throw new Error('nothing can happen any more, and something is not finished')
}

/** Every task has its answer, and no recorder has anything left to do. */
function isOver({ tasks, commands }: World): boolean {
  return tasks.every(({ state }) => state === 'over') && commands.every(({ recorder }) => recorder.working === null)
}

type Fates = readonly (readonly [Fate, number])[]
const noFault: Fates = [['carried out', 10]]
const everyFate: Fates = [...noFault, ['never sent', 0.4], ['answer lost', 0.8]]

/** Clients send, statements go on, and those who take turns take one. */
function usual(world: World, fates: Fates): Choice[] {
  const { commands, turners } = world
  const sends = readyTasks(world.clients).flatMap((task) => commands.map((command) => sending(world, task, command)))
  const statements = processesOf(world).flatMap(({ gate }) =>
    gate.waiting.flatMap((one) => fatesOf(one, fates).map(([fate, weight]) => striking(gate, one, fate, weight))),
  )
  const turns = turners.filter(({ isBusy }) => !isBusy)
  return [
    ...sends,
    ...statements,
    ...turns.map((one) => ({ what: `${one.gate.name} takes a turn`, weight: 2, take: () => one.takeTurn() })),
  ]
}

/** A connection is made, or not. */
function fatesOf({ what }: Waiting, fates: Fates): Fates {
  return what === 'connect' ? fates.filter(([fate]) => fate !== 'answer lost') : fates
}

function processesOf({ commands, turners }: World): Process[] {
  return [...commands, ...turners]
}

function sending(world: World, task: Task, command: CommandProcess): Choice {
  return {
    what: `${task.keys[0]} to ${command.gate.name}`,
    weight: 3,
    take() {
      world.sentTo.set(task, command)
      void send(task, command.recorder, world.unexpected)
    },
  }
}

function striking({ name }: Gate, waiting: Waiting, fate: Fate, weight: number): Choice {
  return { what: `${name}: ${waiting.what}: ${fate}`, weight, take: () => waiting.strike(fate) }
}

/** What else may go wrong. */
function strikes(world: World): Choice[] {
  const { commands, turners, holder } = world
  return [
    ...commands.map((_, place) => ({
      what: `kill command-${place + 1}`,
      weight: 0.15,
      take: () => killCommand(world, place),
    })),
    ...turners.map(({ gate }, place) => ({
      what: `kill ${gate.name}`,
      weight: 0.08,
      take: () => killTurner(world, place),
    })),
    holder === null
      ? { what: 'somebody takes the lock of the log', weight: 0.4, take: () => hold(world) }
      : { what: 'the lock of the log is free', weight: 3, take: () => letGo(world) },
    ...processesOf(world).flatMap(({ gate }) =>
      [...gate.running].filter(({ isAwaited }) => isAwaited).map((one) => givingUp(gate, one)),
    ),
    ...commands.flatMap(({ gate }) => neverAnswered(world, gate)),
  ]
}

function givingUp({ name }: Gate, one: Running): Choice {
  return { what: `${name} gives up ${one.what}, which waits in the database`, weight: 1, take: () => one.giveUp() }
}

/** An append whose answer is lost, and of which nothing is heard for as long as it is asked for: the outcome stays unknown. */
function neverAnswered(world: World, { name, waiting }: Gate): Choice[] {
  const [one] = waiting
  const othersRest = world.commands.every(({ gate, recorder }) => gate.name === name || recorder.working === null)
  if (one?.what !== 'append_events' || waiting.length > 1 || !othersRest) return []
  const take = () => {
    world.now += longJump
    one.strike('answer lost')
  }
  return [{ what: `${name}: ${one.what}: its outcome stays unknown`, weight: 0.5, take }]
}

function killCommand(world: World, place: number): void {
  const dead = world.commands[place] as CommandProcess
  kill(dead.gate)
  world.dead.push(dead)
  world.commands[place] = startCommandProcess(world.database.url, dead.gate.name)
  for (const task of world.tasks) if (task.state === 'sent' && world.sentTo.get(task) === dead) lose(task)
}

function killTurner(world: World, place: number): void {
  const dead = world.turners[place] as TurnProcess
  kill(dead.gate)
  world.dead.push(dead)
  world.turners[place] = dead.again()
}

async function hold(world: World): Promise<void> {
  world.holder = await world.control.connect()
  await world.holder.query('BEGIN; LOCK TABLE log_lock IN EXCLUSIVE MODE')
}

async function letGo(world: World): Promise<void> {
  await world.holder?.query('ROLLBACK')
  world.holder?.release()
  world.holder = null
}

/** Nobody records any more: each process goes on by itself until it has seen the end of the log. */
async function finish(world: World): Promise<void> {
  await letGo(world)
  await untilStill(world)
  const { rows } = await world.control.query<{ head: number }>('SELECT coalesce(max(position), 0) AS head FROM events')
  const { head } = rows[0] as { head: number }
  for (const one of world.turners) {
    while (one.isBusy || one.position < head) {
      if (!one.isBusy) one.takeTurn()
      one.gate.waiting[0]?.strike('carried out')
      await untilStill(world)
    }
  }
}

/** Lets what the dead have left in memory end. */
async function end(world: World): Promise<void> {
  await letGo(world)
  world.now += 2 * longJump
  const all = [...world.dead, ...processesOf(world)]
  for (const { gate } of all) kill(gate)
  for (const { gate } of all) bury(gate)
  for (const one of all) if ('recorder' in one) await drain((one as CommandProcess).recorder)
}

/**
 * Returns when nothing moves by itself any more: each process waits at the gate, or in the database for a lock, or has nothing to do; and what
 * killed processes had sent has ended in the database, or waits there for a lock.
 */
async function untilStill(world: World): Promise<void> {
  const all = [...processesOf(world), ...world.dead]
  let quietFor = 0
  while (quietFor < 2) {
    for (let turn = 0; turn < 6; turn += 1) await setImmediate()
    const isThinking = processesOf(world).some((one) => one.isThinking())
    const isQuiet = !isThinking && (await isStill(world.control, all, world.holder !== null))
    quietFor = isQuiet ? quietFor + 1 : 0
    if (!isQuiet || world.decisions.at(-1)?.endsWith('carried out') === false) await sleep(1)
  }
}

/** @param isHeld whether somebody has the lock of the log; where nobody has it, who still seems to wait for a lock is about to go on */
async function isStill(control: Pool, all: readonly Process[], isHeld: boolean): Promise<boolean> {
  const running = all.flatMap(({ gate }) => [...gate.running].map((one) => ({ gate, one })))
  if (running.length === 0) return true
  // Most are answered at once, and the database need not be asked what they wait for.
  for (let turn = 0; turn < 5 && running.some(({ one }) => one.isAwaited && !one.isDone); turn += 1) await sleep(1)
  if (running.every(({ one }) => one.isAwaited && one.isDone)) return true
  const pids = running.flatMap(({ one }) => one.pid ?? [])
  const { rows } = await control.query<{ pid: number; waits: boolean }>(
    "SELECT pid, wait_event_type IS NOT DISTINCT FROM 'Lock' AS waits FROM pg_stat_activity WHERE pid = ANY($1) AND state = 'active'",
    [pids],
  )
  const active = new Map(rows.map(({ pid, waits }) => [pid, waits]))
  let still = true
  for (const { gate, one } of running) {
    const waits = one.pid === null ? undefined : active.get(one.pid)
    if ((waits === true && isHeld) || one.isDone) continue
    if (one.isAwaited || waits !== undefined) still = false
    else gate.running.delete(one)
  }
  return still
}
