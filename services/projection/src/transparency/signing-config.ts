/** The environment variables of the transparency log. */

import { publicUrl } from '@commitments/http-kit/common-variables'
import { ConfigError, type Environment, parseConfig, wholeNumber } from '@commitments/http-kit/config'
import { isKeyName, parseWitnessKey } from '@commitments/transparency'
import { z } from 'zod'
import { readHome } from './home-config.ts'
import { readKeys } from './keys.ts'
import type { Signing, Witness } from './signing.ts'
import { readPolicy } from './witness-policy.ts'

const nameRule = 'without spaces, control characters and plus signs'
const Name = z.string().refine(isKeyName, nameRule)

const witnessRule =
  'a list, with commas, of `<verifier key> <URL>` (C2SP tlog-cosignature, type 0x04), such as example.org/w1+1a2b3c4d+BA… https://example.org/w1'

/** Spread into the schema of the service, so that errors are reported together with all others. */
export const logVariables = {
  /** `no`: an instance that serves the transparency log but neither builds nor signs it; it needs no key. */
  LOG_SIGNER: z.enum(['yes', 'no']).default('yes'),
  LOG_KEY_FILE: z.string().optional(),
  LOG_PREVIOUS_KEY_FILE: z.string().optional(),
  LOG_STATE_DIR: z.string().optional(),
  /** The members of an etcd that keeps what is otherwise kept in LOG_STATE_DIR. */
  LOG_STATE_ETCD: z.string().optional(),
  LOG_STATE_ETCD_CA_FILE: z.string().optional(),
  LOG_STATE_ETCD_CERT_FILE: z.string().optional(),
  LOG_STATE_ETCD_KEY_FILE: z.string().optional(),
  LOG_ORIGIN: Name.refine((origin) => !origin.endsWith('/'), 'without a slash at the end').optional(),
  LOG_KEY_NAME: Name.optional(),
  WITNESSES: z.string().transform(readWitnesses).default([]),
  WITNESS_POLICY_FILE: z.string().optional(),
  /** Seconds after which a witness cosigns the same checkpoint again. */
  COSIGNATURE_RENEWAL: wholeNumber(60, 31_536_000).default(21_600),
  DATA_DIR: z.string().default('.data'),
  NODE_ENV: z.string().optional(),
} as const

function readWitnesses(list: string, context: z.RefinementCtx): Witness[] {
  return list.split(',').flatMap((entry) => {
    const witness = readWitness(entry.trim())
    if (witness === null) context.addIssue({ code: 'custom', message: witnessRule })
    return witness === null ? [] : [witness]
  })
}

function readWitness(entry: string): Witness | null {
  const [vkey = '', url = '', ...more] = entry.split(/\s+/)
  const verifier = parseWitnessKey(vkey)
  if (verifier === null || more.length > 0 || !/^https?:/.test(url) || !URL.canParse(url)) return null
  return { verifier, url: url.replace(/\/+$/, '') }
}

const Variables = z.object({
  ...logVariables,
  LEDGER_SCHEMA: z.string().default('commitments'),
  PUBLIC_URL: publicUrl.optional(),
  XDG_STATE_HOME: z.string().optional(),
  HOME: z.string().optional(),
})

/**
 * Where the logs of this ledger can be read: the origin of each log is its prefix there, without the scheme (C2SP tlog-tiles, Parameters).
 */
function usualOrigin({ PUBLIC_URL, LEDGER_SCHEMA }: z.output<typeof Variables>): string {
  if (PUBLIC_URL === undefined) return `commitments.localhost/${LEDGER_SCHEMA}`
  const { host, pathname } = new URL(PUBLIC_URL)
  return `${host}${pathname.replace(/\/+$/, '')}/log`
}

/**
 * The signing configuration; null if this instance must not sign. Reads the key files, and outside production creates a key if there is
 * none.
 *
 * @throws ConfigError with every error in it
 */
export function readSigning(environment: Environment): Signing | null {
  const config = parseConfig(Variables, environment)
  if (config.LOG_SIGNER === 'no') return null
  // Not the address: if nobody chose the origin of a log, a change of the address must not change it.
  const unnamed = `commitments.localhost/${config.LEDGER_SCHEMA}`
  const { keys, file, mistakes, warnings } = readKeys(config)
  const { warnings: ofHome, ...homes } = readHome(config, unnamed, file, mistakes)
  const { policy, witnesses } = readPolicy(config, keys, mistakes)
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return {
    keys,
    warnings: [...warnings, ...ofHome],
    origin: config.LOG_ORIGIN ?? usualOrigin(config),
    keepsOrigin: config.LOG_ORIGIN === undefined,
    publicUrl: config.PUBLIC_URL ?? null,
    keyName: config.LOG_KEY_NAME ?? null,
    ...homes,
    witnesses,
    renewAfter: config.COSIGNATURE_RENEWAL * 1000,
    policy,
  }
}
