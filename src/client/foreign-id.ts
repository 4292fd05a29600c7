/**
 * Ids that begin with `local:` are of notes of this machine: they are in no export, are not searched before a session becomes public, and their
 * requests are this editor's. A message of the service that takes such an id for itself gets another one.
 */
export const foreignId = (id: string): string => (id.startsWith('local:') ? `wire:${id}` : id);
