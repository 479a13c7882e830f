import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { exportLog } from './export/export.ts'
import { fingerprintOf } from './log/keys.ts'
import { makePack } from './pack/make.ts'
import { verifyPack } from './pack/verify.ts'
import { verifyProof } from './proof/verify.ts'
import { type Replayed, replayPortfolio, replayProposal } from './replay/replay.ts'
import { momentOf } from './status/moment.ts'
import { verdictText } from './terminal/print.ts'
import { exportTiles } from './tiles/export-tiles.ts'
import { exitCodes, type Verdict } from './verdict.ts'
import { isTimeZone, type Progress, usualTimeZone } from './verify/options.ts'
import { verify } from './verify/verify.ts'
import { versionText } from './version.ts'

/** What a command can use in addition to files and the network. */
interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly progress: Progress | undefined
  /** Writes to standard output, which programs may read. */
  readonly print: (text: string) => void
  /** Writes remarks, not to standard output. */
  readonly remark: (text: string) => void
  readonly exit: (code: number) => void
}

const exitHelp = `
Exit codes: 0 valid; 2 invalid, at the position that the verdict names; 1 could not be checked; 64 the command line was not understood.
A service that asks for a key to read gets the one in the environment variable COMMITMENTS_API_KEY (scopes read and audit).`

/** The commands, each with its help on one screen. Parsing throws `CommanderError` for help and for unknown commands and options. */
export function commandLine(surroundings: Surroundings): Command {
  const program = new Command('node audit.mjs')
    .description('Checks a commitments log independently: reads HTTP or files, trusts neither.')
    .option('--version', 'the commit of this program, and the SHA-256 of its file')
    .addHelpText('after', exitHelp)
    .configureOutput({
      writeErr: (text) => surroundings.remark(text.trimEnd()),
      writeOut: (text) => surroundings.print(text.trimEnd()),
    })
    .exitOverride()
    .on('option:version', () => {
      surroundings.print(versionText())
      throw new CommanderError(0, 'commander.version', '')
    })
  for (const add of [addVerify, addReplay, addExport, addExportTiles, addPack, addVerifyPack, addVerifyProof])
    add(program, surroundings)
  return program
}

const keyHelp = 'verifier key of the log, a file with it, or its fingerprint; repeatable during a key change'

const policyHelp =
  'file with a policy (C2SP tlog-policy): which logs are accepted, and which witnesses must have cosigned'
const signersHelp = 'file with the public keys of callers who sign what they record (docs/signing.md)'
const formerHelp = 'a Log-Id that the log had before a restore, if events were signed for it; repeatable'

const several = (value: string, before: string[] = []) => [...before, value]

const logIdOf = (value: string) => {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value))
    throw new InvalidArgumentError('It is a Log-Id, such as 0192f0c4-7a1e-7c3b-9f7e-2b1d5c6a8e90.')
  return value
}

const formerLogs = (value: string, before: string[] = []) => [...before, logIdOf(value)]

function addVerify(program: Command, surroundings: Surroundings): void {
  program
    .command('verify')
    .description(
      'checks every line, the tree, its signature, earlier checkpoints, and today’s status of every proposal',
    )
    .argument(
      '<source>',
      'address of the projection service, a file of exported lines, or the tiles of a log: an address that ends in its Log-Id, or a folder',
    )
    .option('--key <key>', keyHelp, several)
    .option(
      '--witness <vkey>',
      'verifier key of a witness that must have cosigned, "<vkey> <address>" to ask it as well; several: all',
      several,
    )
    .option('--policy <file>', policyHelp)
    .option('--signers <file>', signersHelp)
    .option('--former-log <Log-Id>', formerHelp, formerLogs)
    .option('--earlier <file>', 'an earlier checkpoint that the log must continue; repeatable', several)
    .option('--kept-lines <file>', 'earlier exported lines, to name later changes; repeatable', several)
    .option(
      '--log <source>',
      'location of checkpoint, key and tiles, if not with the lines: an address, the prefix of a log, or a folder',
    )
    .option(
      '--memory <folder>',
      'folder that keeps data from one check to the next (default: one for each log, in your home folder)',
    )
    .option('--no-memory', 'keep nothing, and compare with nothing kept')
    .option('--begin-anew', 'set the kept data aside, and start a new memory')
    .option('--no-status', 'omit the comparison with the served status')
    .option('--moments <n>', 'moments of the past at which totals and lists are compared', wholeNumber, 48)
    .option('--each-alone', 'also request the status of each proposal separately, even of more than 2,000')
    .option('--time-zone <zone>', 'time zone of the ledger (default: the one that the service says)', timeZoneOf)
    .option('--json', 'the verdict as JSON')
    .action(async (source: string, options: VerifyFlags) => {
      const verdict = await verify({ ...verifyOptions(source, options, surroundings) })
      finish(verdict, options, surroundings)
    })
}

interface VerifyFlags {
  readonly key?: string[]
  readonly witness?: string[]
  readonly policy?: string
  readonly signers?: string
  readonly formerLog?: string[]
  readonly earlier?: string[]
  readonly keptLines?: string[]
  readonly log?: string
  readonly memory: string | boolean
  readonly beginAnew?: true
  readonly status?: boolean
  readonly eachAlone?: true
  readonly moments: number
  readonly timeZone?: string
  readonly json?: true
}

function verifyOptions(source: string, flags: VerifyFlags, surroundings: Surroundings) {
  const {
    key,
    witness,
    policy,
    signers,
    formerLog,
    earlier,
    keptLines,
    log,
    memory,
    beginAnew,
    status,
    eachAlone,
    moments,
    timeZone,
  } = flags
  return {
    source,
    log,
    keys: key ?? [],
    witnesses: witness ?? [],
    policy,
    signers,
    formerLogs: formerLog ?? [],
    earlier: earlier ?? [],
    keptLines: keptLines ?? [],
    ...memoryOptions(memory, surroundings.environment),
    beginAnew: beginAnew ?? false,
    ...(timeZone === undefined ? {} : { timeZone }),
    moments,
    ...accessOf(surroundings),
    ...(status === false ? { status } : {}),
    ...(eachAlone ? { eachAlone } : {}),
  }
}

/** The named folder, or by default a folder for each log at the usual place for such data (XDG base directories). */
function memoryOptions(memory: string | boolean, environment: Surroundings['environment']) {
  if (memory === false) return {}
  if (typeof memory === 'string') return { memory }
  const state = environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state')
  return { memories: join(state, 'commitments-audit') }
}

/** What every command that reads a service needs. */
function accessOf({ environment, progress, remark }: Surroundings) {
  return { progress, onWait: remark, apiKey: environment['COMMITMENTS_API_KEY'] }
}

function addReplay(program: Command, surroundings: Surroundings): void {
  program
    .command('replay')
    .description('prints a proposal, or the whole portfolio, at any moment of the log')
    .argument('<source>', 'address of the projection service, or a file of lines')
    .argument('[proposalId]', 'the proposal; without it the portfolio')
    .option('--as-of <day>', 'the state in force on that day, such as 2024-01-01')
    .option('--known-at <instant>', 'the state known at that instant, such as 2024-03-01T00:00:00Z')
    .option('--known-at-position <n>', 'the state known at that position of the log', wholeNumber)
    .option('--time-zone <zone>', 'time zone of the ledger', timeZoneOf, usualTimeZone)
    .action(async (source: string, proposalId: string | undefined, options: ReplayFlags) => {
      const { timeZone, ...moment } = options
      const common = { source, moment: momentOf(moment), timeZone, ...accessOf(surroundings) }
      const replayed = await (proposalId === undefined ? replayPortfolio(common) : replayProposal(proposalId, common))
      sayReplayed(replayed, surroundings)
    })
}

interface ReplayFlags {
  readonly asOf?: string
  readonly knownAt?: string
  readonly knownAtPosition?: number
  readonly timeZone: string
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 0.')
  return Number(text)
}

function timeZoneOf(text: string): string {
  if (!isTimeZone(text)) throw new InvalidArgumentError('It is a name of the IANA list, such as Asia/Ho_Chi_Minh.')
  return text
}

function sayReplayed({ value, lines, root }: Replayed, { print, remark, exit }: Surroundings): void {
  remark(
    `Replayed from ${lines} lines, tree root ${root.toString('base64')}. Their signature was not checked: "verify" does that.`,
  )
  if (value === null) {
    remark('Nothing was known, or in force, at that moment.')
    return exit(exitCodes['could-not-be-checked'])
  }
  print(JSON.stringify(value, null, 2))
}

function addExport(program: Command, surroundings: Surroundings): void {
  program
    .command('export')
    .description('writes the log to a file, or continues a file of the same log at its end')
    .argument('<source>', 'address of the projection service')
    .argument('<file>', 'such as log.ndjson; <file>.checkpoint and <file>.vkey are written beside it')
    .action(async (source: string, file: string) => {
      const { remark } = surroundings
      const exported = await exportLog({ source, file, ...accessOf(surroundings) })
      const beside = exported.signed
        ? ', with its checkpoint and key beside it'
        : '; the service serves no checkpoint to put beside it'
      remark(`${file} holds ${exported.lines} lines, ${exported.lines - exported.before} of them new${beside}.`)
    })
}

function addExportTiles(program: Command, surroundings: Surroundings): void {
  program
    .command('export-tiles')
    .description('writes the log as static files (C2SP tlog-tiles) for a web server or a CDN, or continues there')
    .argument('<source>', 'address of the projection service')
    .argument('<folder>', 'the files are written to <folder>/log/<Log-Id>/')
    .option('--log-id <Log-Id>', 'the log that is meant, if the folder has only others', logIdOf)
    .option('--rate <n>', 'requests a second at most', rateOf, 20)
    .action(async (source: string, folder: string, options: { readonly logId?: string; readonly rate: number }) => {
      const { path, size, before, written } = await exportTiles({
        source,
        folder,
        ...options,
        ...accessOf(surroundings),
      })
      const news = size === before ? 'nothing is new' : `${size - before} of them new`
      surroundings.remark(`${path} has ${size} events, ${news}; ${written} files were written.`)
    })
}

function rateOf(text: string): number {
  const rate = wholeNumber(text)
  if (rate < 1 || rate > 1_000) throw new InvalidArgumentError('It is a whole number from 1 to 1000.')
  return rate
}

function addPack(program: Command, surroundings: Surroundings): void {
  program
    .command('pack')
    .description('checks the whole log, and creates a folder for one proposal that can be checked without the log')
    .argument('<source>', 'address of the projection service, or a file of lines')
    .argument('<proposalId>')
    .argument('<folder>', 'the folder to create; it must not exist')
    .option('--key <key>', keyHelp, several)
    .option('--witness <vkey>', 'verifier key of a witness that must have cosigned', several)
    .option('--policy <file>', policyHelp)
    .option('--signers <file>', signersHelp)
    .option('--former-log <Log-Id>', formerHelp, formerLogs)
    .option('--log <source>', 'location of checkpoint and key, if not with the lines')
    .option(
      '--memory <folder>',
      'folder that keeps data from one check to the next (default: one for each log, in your home folder)',
    )
    .option('--no-memory', 'keep nothing, and compare with nothing kept')
    .option('--time-zone <zone>', 'time zone of the ledger', timeZoneOf, usualTimeZone)
    .option('--json', 'the verdict as JSON')
    .action(async (source: string, proposalId: string, folder: string, options: PackFlags) => {
      const { key = [], witness = [], policy, signers, formerLog = [], log, memory, timeZone } = options
      const { verdict, vkeys } = await makePack({
        source,
        proposalId,
        folder,
        keys: key,
        witnesses: witness,
        policy,
        signers,
        formerLogs: formerLog,
        log,
        timeZone,
        ...memoryOptions(memory, surroundings.environment),
        ...accessOf(surroundings),
      })
      if (verdict.outcome === 'valid') surroundings.remark(handOver(folder, vkeys))
      finish(verdict, options, surroundings)
    })
}

/** The receiver of a pack must not take the key from it. */
function handOver(folder: string, vkeys: readonly string[]): string {
  const keys = [...new Set(vkeys.map(fingerprintOf))].map((fingerprint) => `--key ${fingerprint}`).join(' ')
  return `The pack is in ${folder}; open ${join(folder, 'index.html')}. Who gets it checks it with this command:
  node audit.mjs verify-pack ${basename(folder)} ${keys}
Hand the fingerprint on by another way than the pack: a letter, the telephone, the web site of the log’s operator.`
}

interface PackFlags {
  readonly key?: string[]
  readonly witness?: string[]
  readonly policy?: string
  readonly signers?: string
  readonly formerLog?: string[]
  readonly log?: string
  readonly memory: string | boolean
  readonly timeZone: string
  readonly json?: true
}

function addVerifyPack(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('verify-pack')
    .description('checks such a folder, without any network')
    .argument('<folder>')
  offlineOptions(command).action(async (folder: string, options: OfflineFlags) => {
    finish(await verifyPack(folder, offlineGiven(options, surroundings)), options, surroundings)
  })
}

function addVerifyProof(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('verify-proof')
    .description('checks a kept proof of one event (.tlog-proof), without any network')
    .argument('<file>', 'the proof, as the log served it')
    .argument('<line>', 'a file with the line of the event')
  offlineOptions(command).action(async (proof: string, line: string, options: OfflineFlags) => {
    finish(await verifyProof({ proof, line, ...offlineGiven(options, surroundings) }), options, surroundings)
  })
}

function offlineOptions(command: Command): Command {
  return command
    .option(
      '--key <key>',
      'verifier key of the log, a file with it, or its fingerprint; without it the one of an earlier check of the log',
      several,
    )
    .option('--witness <vkey>', 'verifier key of a witness that must have cosigned', several)
    .option('--policy <file>', policyHelp)
    .option('--signers <file>', signersHelp)
    .option('--former-log <Log-Id>', formerHelp, formerLogs)
    .option(
      '--memory <folder>',
      'folder with data of an earlier check (default: the one of the log, in your home folder)',
    )
    .option('--no-memory', 'compare with nothing kept')
    .option('--json', 'the verdict as JSON')
}

function offlineGiven(flags: OfflineFlags, { environment }: Surroundings) {
  const { key = [], witness = [], policy, signers, formerLog = [], memory } = flags
  return {
    keys: key,
    witnesses: witness,
    policy,
    signers,
    formerLogs: formerLog,
    ...memoryOptions(memory, environment),
  }
}

type OfflineFlags = Pick<VerifyFlags, 'key' | 'witness' | 'policy' | 'signers' | 'formerLog' | 'memory' | 'json'>

function finish(verdict: Verdict, { json }: { readonly json?: true }, { print, exit }: Surroundings): void {
  print(json ? JSON.stringify(verdict, null, 2) : verdictText(verdict))
  exit(exitCodes[verdict.outcome])
}
