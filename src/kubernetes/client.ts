/** What we take of the official client: a bundle of its own beside the program (scripts/build.mjs), read when a cluster is reached. */
export type { ApiException, KubernetesObject } from '@kubernetes/client-node'
export { KubeConfig, KubernetesObjectApi, Log, PatchStrategy, Watch } from '@kubernetes/client-node'
export { ObjectSerializer } from '@kubernetes/client-node/dist/serializer.js'
