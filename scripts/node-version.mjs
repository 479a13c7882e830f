// Plain JavaScript that any Node can read, so that an old one reports what is wrong instead of failing at the first type annotation.

/** Ends the program with one clear sentence if this Node cannot run TypeScript files. */
export function refuseOldNode() {
  const major = Number.parseInt(process.versions.node, 10)
  if (major >= 24) return
  console.error(
    `Commitments needs Node 24 or later, and this is ${process.version}. "npm ci" installs one inside the project on Linux and on ` +
      'Windows; start through npm ("npm start", "npm test"), or install Node 24 yourself.',
  )
  process.exit(1)
}
