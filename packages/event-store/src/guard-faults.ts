import { type Guards, readExpectedGuards, readGuards } from './guards.ts'
import type { Queryable } from './queryable.ts'

/**
 * What is not as the migrations made it, or gives others than the owner more than that, in whole sentences with what to do; empty if all is as
 * it must be. Further triggers and functions are named too: they could do anything with what is recorded.
 */
export async function guardFaults(client: Queryable): Promise<string[]> {
  const [expected, actual] = [await readExpectedGuards(), await readGuards(client)]
  const newer = Object.keys(actual.migrations).filter((name) => !(name in expected.migrations))
  if (newer.length > 0) return [newerSentence(newer)]
  return [
    because(
      triggerFaults(expected.triggers, actual.triggers),
      'triggers do not keep the log as the migrations made them',
      restoring,
    ),
    because(
      functionFaults(expected.functions, actual.functions),
      'functions of the ledger are not those of the migrations',
      restoring,
    ),
    because(
      ownerFaults(actual.owners),
      'not all of the ledger belongs to its owner',
      'Give it back (`ALTER … OWNER TO`), and find out what was done meanwhile',
    ),
    because(
      rightFaults(expected.rights, actual.rights),
      'others than the owner may do more than the migrations let them',
      revoking,
    ),
    because(roleFaults(actual.roles), 'a role of a service may do more than a role needs', revoking),
  ].filter((fault) => fault !== null)
}

const restoring =
  'Find out who changed that, and what was changed since: `npm run replay-check` compares everything. `migrations/schema.sql` has each of them as it must be'
const revoking =
  'Take that away (`npm run migrate` does so for what everybody may call), and find out what was done with it: `npm run replay-check` compares everything'

function because(found: readonly string[], what: string, advice: string): string | null {
  if (found.length === 0) return null
  const more = found.length > mostNamed ? `; and ${found.length - mostNamed} more` : ''
  return `${what}: ${found.slice(0, mostNamed).join('; ')}${more}. ${advice}`
}

/** The sentence is shown to whoever asks for readiness. */
const mostNamed = 10

function newerSentence(names: readonly string[]): string {
  return (
    `the ledger has migrations that this service does not know (${names.join(', ')}), so its triggers, functions and rights are not compared. ` +
    'That ends when this service is of the new release too. If no release is being rolled out, find out who wrote to kysely_migration'
  )
}

type Said = Guards['triggers']

function triggerFaults(expected: Said, actual: Said): string[] {
  const wrong = Object.entries(expected).flatMap(([name, [wanted = '']]) => {
    const [now] = actual[name] ?? []
    return now === wanted ? [] : [`${name} ${differenceOf(wanted, now)}`]
  })
  return [
    ...wrong,
    ...further(expected, actual).map((name) => `${name} is of no migration (${actual[name]?.join('; ')})`),
  ]
}

/** What is said of a trigger are two statements: the one that makes it, and the one that turns it on. */
function differenceOf(wanted: string, now: string | undefined): string {
  if (now === undefined) return `is missing (${wanted})`
  const [[definition, turningOn], [definitionNow]] = [wanted.split('; '), now.split('; ')]
  return definition === definitionNow ? `is not ENABLE ALWAYS (${turningOn})` : `is: ${now}; it must be: ${wanted}`
}

function functionFaults(expected: Said, actual: Said): string[] {
  const wrong = Object.entries(expected).flatMap(([name, [wanted]]) => {
    const [now] = actual[name] ?? []
    if (now === undefined) return [`${name} is missing`]
    return now === wanted ? [] : [`${name} does something else`]
  })
  return [...wrong, ...further(expected, actual).map((name) => `${name} is of no migration`)]
}

function further(expected: Said, actual: Said): string[] {
  return Object.keys(actual).filter((name) => !(name in expected))
}

function ownerFaults(owners: Said): string[] {
  return Object.entries(owners).map(([name, [owner]]) => `${name} belongs to ${owner}`)
}

const services = ['command', 'projection', 'PUBLIC']

/**
 * Others than the services may have been granted by hand what a service has; what only the owner may do, nobody may. A right that is missing is
 * no danger for the log: whoever needs it says so.
 */
function rightFaults(expected: Said, actual: Said): string[] {
  return Object.entries(actual).flatMap(([name, given]) => {
    const wanted = expected[name] ?? []
    const isOwners = wanted.length === 0
    const beyond = given.filter(
      (one) => !wanted.includes(one) && (isOwners || services.includes(one.split(' ')[0] as string)),
    )
    return beyond.map((one) => `${one} on ${name}`)
  })
}

function roleFaults(roles: Said): string[] {
  return Object.entries(roles).map(([name, has]) => `${name} has or is ${has.join(', ')}`)
}
