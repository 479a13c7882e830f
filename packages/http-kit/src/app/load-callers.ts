/** Who may call: the keys and the issuers of tokens, judged together. */
import { type ApiKeySources, type ApiKeys, loadApiKeys, signersOfKeys } from '../keys/api-keys.ts'
import { sharedSigningKeys } from '../keys/signers.ts'
import { ConfigError, readTogether } from '../process/config.ts'
import { type IssuerSources, type Issuers, loadIssuers, signersOfIssuers } from '../tokens/issuer-settings.ts'

export interface Callers {
  readonly keys: ApiKeys
  readonly issuers: Issuers
}

/**
 * Reads the keys and the issuers.
 *
 * @throws ConfigError with every error in all sources, also in what they say about each other
 */
export function loadCallers(sources: ApiKeySources & IssuerSources): Callers {
  const { keys, issuers } = readTogether({
    keys: () => loadApiKeys(sources),
    issuers: () => loadIssuers(sources),
    apart: () => assertApart(sources),
  })
  return { keys, issuers }
}

/** A caller with a key and one with a token must not have one public key. What else is wrong is said by those who read the files. */
function assertApart(sources: ApiKeySources & IssuerSources): void {
  const shared = sharedSigningKeys(signersOfIssuers(sources), signersOfKeys(sources))
  const across = shared.filter((fault) => fault.includes(' in API_KEYS_FILE: '))
  if (across.length > 0) throw new ConfigError(across)
}
