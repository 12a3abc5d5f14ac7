import { defineErrors } from '@fairlead/kernel';

export const objectsErrors = defineErrors('platform/objects', {
  OBJ_BAD_DIGEST: {
    status: 400,
    fault: 'user',
    title: 'Not an object digest',
    remedy: 'Give the sha256 of the bytes as 64 lower-case hexadecimal digits.',
  },
  OBJ_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No object with this digest',
    remedy: 'Upload the bytes again, or restore the object folder from a backup.',
  },
  OBJ_TOO_LARGE: {
    status: 413,
    fault: 'user',
    title: 'The upload is larger than allowed',
    remedy: 'Send fewer bytes, or raise the limit in the server configuration.',
  },
  OBJ_CORRUPT: {
    status: 500,
    fault: 'system',
    title: 'Stored bytes no longer match their digest',
    remedy: 'Restore this object from a backup; putting the right bytes again replaces a file of the wrong size.',
  },
  OBJ_SOURCE_UNREADABLE: {
    status: 400,
    fault: 'user',
    title: 'The file to store cannot be read',
    remedy: 'Give the path of an existing regular file that the server may read.',
  },
  OBJ_WRITE_FAILED: {
    status: 507,
    fault: 'system',
    title: 'The object folder cannot be written',
    remedy: 'Free disk space or mend the permissions of the object folder; nothing was stored.',
  },
});
