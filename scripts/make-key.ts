import { hash, randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { scopes } from '@commitments/http-kit'

// npm run --silent make-key -- <name> <scope>… [--party <id>]: prints a new secret, for the caller only, and the entry for API_KEYS_FILE.

const { positionals, values } = parseArgs({ allowPositionals: true, options: { party: { type: 'string' } } })
const [name, ...wanted] = positionals
const known: readonly string[] = scopes
if (name === undefined || wanted.length === 0 || !wanted.every((scope) => known.includes(scope))) {
  console.error(
    `Give a name and at least one of the scopes ${scopes.join(', ')}, and --party <id> for one who may assert for that party only.`,
  )
  process.exit(2)
}
const secret = randomBytes(24).toString('base64url')
const party = values.party === undefined ? {} : { party: values.party }
console.log(`Secret, for the caller only: ${secret}`)
console.log(
  `Entry for API_KEYS_FILE:     ${JSON.stringify({ name, ...party, scopes: wanted, sha256: hash('sha256', secret) })}`,
)
