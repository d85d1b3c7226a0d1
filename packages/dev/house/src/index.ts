export { checkWalls } from './check-walls.ts'
export type { Finding, House, Room, SourceFile, TextFile } from './house.ts'
export { readHouse } from './read-house.ts'
export { walls } from './walls.ts'
