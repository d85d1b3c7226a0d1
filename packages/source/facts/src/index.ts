export { cacheFile } from './cache/cache-file.ts'
export { openFactCache, type FactCache } from './cache/fact-cache.ts'
export { openCache } from './cache/open-cache.ts'
export { extractFacts, extractorVersion, isPathConfig, kindOf } from './extract/extract-facts.ts'
export { findManifestLine } from './extract/find-manifest-line.ts'
export type {
  DocumentFacts,
  Exemption,
  ExportFact,
  FileFacts,
  FunctionFact,
  ImportFact,
  LoaderFact,
  ManifestFacts,
  Site,
  SiteKind,
} from './file-facts.ts'
export { lazySchema, loadZod, type Zod } from './lazy-schema.ts'
export {
  createFactTree,
  type EarlierState,
  type FactTree,
  type Progress,
  type TreeChange,
  type TreeOptions,
} from './tree/fact-tree.ts'
export { findRoot, type Root } from './tree/find-root.ts'
export { listFiles } from './tree/list-files.ts'
export { isLarge } from './tree/read-ahead.ts'
export { readTargets, unpackGraph, type UnpackedGraph } from './tree/packed-graph.ts'
export { pathAsWord } from './path-as-word.ts'
