export { signatureHolds, statementOf } from './caller-signature.ts'
export * from './checkpoint.ts'
export * from './cosignature.ts'
export * from './entries.ts'
export { erasedLine, leafOfLine } from './erased.ts'
export * from './grow.ts'
export { emptyRoot, type Hash, hashBytes, leafHash, nodeHash, writeLeafHash } from './hash.ts'
export {
  keyIdOf,
  makeSigner,
  makeVerifier,
  parseVerifierKey,
  publicBytes,
  signatureTypes,
  verifierKey,
  vkeyParts,
} from './keys.ts'
export * from './note.ts'
export * from './offline-proof.ts'
export * from './policy.ts'
export * from './tile-path.ts'
export * from './tiles.ts'
export * from './tree.ts'
export * from './verify.ts'
export * from './witness.ts'
