/** The public keys with which callers sign. Each stands for one caller, wherever it is configured: in the key file, or with an issuer. */

/** A public key where it is configured. */
export interface Signer {
  readonly variable: 'API_KEYS_FILE' | 'OIDC_ISSUERS_FILE'
  /** The caller in that file. */
  readonly caller: string
  readonly publicKey: string
}

/**
 * A sentence for each public key of two callers: nobody could tell from a signature which of them it is.
 *
 * @param signers what is judged
 * @param others what is configured elsewhere, and was judged there
 */
export function sharedSigningKeys(signers: Iterable<Signer>, others: Iterable<Signer> = []): string[] {
  const owners = new Map(Array.from(others, (one) => [one.publicKey, one]))
  const faults = new Set<string>()
  for (const one of signers) {
    const { variable, caller, publicKey } = one
    const owner = owners.get(publicKey) ?? one
    owners.set(publicKey, owner)
    if (owner.variable === variable && owner.caller === caller) continue
    const whose = owner.variable === variable ? owner.caller : `${owner.caller} in ${owner.variable}`
    faults.add(
      `${variable}: ${caller}: it has the signing key ${publicKey} of ${whose}: each caller needs a signing key of its own`,
    )
  }
  return [...faults]
}
