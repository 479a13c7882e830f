/** So many rows of a list are readable from five metres. */
export const rowsOnWall = 6
