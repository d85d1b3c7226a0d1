export { createEventPositions, type EventPositions } from './event-positions.ts'
export {
  followMessages,
  isObject,
  type FollowMessagesOptions,
  type JsonObject,
  type MessageFeed,
  type Noise,
} from './follow-messages.ts'
export { openRpcPeer, type RpcAnswer, type RpcPeer, type RpcPeerOptions, type RpcRequest } from './open-rpc-peer.ts'
export { supervise, type Supervised, type SuperviseOptions } from './supervise.ts'
