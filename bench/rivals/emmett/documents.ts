/** The projections of the rebuild measurement: the table of each one's documents, and the place of the proposal's state in a document. */
export const documentsOf: Record<string, { table: string; proposal: string }> = {
  pongo: { table: 'statuses', proposal: "data -> 'proposal'" },
  sql: { table: 'statuses_sql', proposal: 'document' },
}
