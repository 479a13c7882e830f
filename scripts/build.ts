/**
 * Builds what the projection service serves and does not run itself: the board, and the auditor's command with its documents. Each only where what
 * it is made of has changed. `npm start`, `npm test` and the image do this too.
 */
import { buildIfChanged as buildAudit } from '../packages/audit-cli/build.ts'
import { buildIfChanged as buildBoard } from '../packages/board/build.ts'

await Promise.all([buildBoard(), buildAudit()])
