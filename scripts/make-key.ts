import { hash, randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { faultsOfEntry, scopes } from '@commitments/http-kit'
import { remark, say } from './terminal.ts'

const options = {
  party: { type: 'string' },
  expires: { type: 'string' },
  'not-before': { type: 'string' },
  'signing-key': { type: 'string', multiple: true },
  'require-signature': { type: 'boolean' },
} as const
const usage =
  'Usage: npm run --silent make-key -- <name> <scope>… [--party <id>] [--expires <time>] [--not-before <time>]\n' +
  '  [--signing-key <public key>]… [--require-signature]\n' +
  'Prints a new secret, which only the caller should get, and the entry for API_KEYS_FILE.\n' +
  `Give a name and at least one of the scopes ${scopes.join(', ')}; --party <id> for one who speaks for that party only; --expires and ` +
  '--not-before with a time such as 2027-01-31T12:00:00Z; --signing-key <public key> for one who signs what it records (repeatable), and ' +
  '--require-signature if nothing is to be recorded without.'
if (process.argv.slice(2).some((one) => one === '--help' || one === '-h')) {
  say(usage)
  process.exit(0)
}
const { positionals, values } = readArguments()
const [name, ...wanted] = positionals
if (name === undefined || wanted.length === 0) refuse([])
const secret = randomBytes(24).toString('base64url')
const sha256 = hash('sha256', secret)
const party = values.party === undefined ? {} : { party: values.party }
const terms = Object.entries({ notBefore: values['not-before'], expires: values.expires })
const given = Object.fromEntries(terms.filter(([, time]) => time !== undefined))
const signing = {
  ...(values['signing-key'] && { signingKeys: values['signing-key'].map((publicKey) => ({ publicKey })) }),
  ...(values['require-signature'] && { requireSignature: true }),
}
const entry = { name, ...party, scopes: wanted, sha256, ...given, ...signing }
const faults = faultsOfEntry(entry)
if (faults.length > 0) refuse(faults)
say(`Secret, for the caller only: ${secret}`)
say(`Entry for API_KEYS_FILE:     ${JSON.stringify(entry)}`)
say(
  `To change the secret of a key that is there, make its "sha256" a list of the old digest and this one until the caller has the new secret: ${JSON.stringify({ sha256, ...given })}`,
)

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    return refuse([(error as Error).message])
  }
}

function refuse(faults: readonly string[]): never {
  for (const fault of faults) remark(fault)
  remark(usage)
  process.exit(2)
}
