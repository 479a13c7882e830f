/** The projections that a rebuild is measured with: the table where each keeps its documents, and where in one the proposal's state is. */
export const documentsOf: Record<string, { table: string; proposal: string }> = {
  pongo: { table: 'statuses', proposal: "data -> 'proposal'" },
  sql: { table: 'statuses_sql', proposal: 'document' },
}
