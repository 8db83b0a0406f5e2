// A session of a program with the AWS SDK for JavaScript, which takes endpoint and credentials from
// its environment. Arguments: the directory of the photos, and the collection to use. The replies
// go to stdout as JSON, for the test to check.
//
// The SDK is unmodified, so it signs for `rekognition` and needs one of Semblance's own keys.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import {
  AssociateFacesCommand,
  CompareFacesCommand,
  ConflictException,
  CreateCollectionCommand,
  CreateUserCommand,
  DeleteCollectionCommand,
  DeleteFacesCommand,
  DescribeCollectionCommand,
  DetectFacesCommand,
  IndexFacesCommand,
  InvalidImageFormatException,
  InvalidParameterException,
  ListTagsForResourceCommand,
  RekognitionClient,
  RekognitionServiceException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  SearchFacesByImageCommand,
  SearchFacesCommand,
  SearchUsersByImageCommand,
  TagResourceCommand,
  paginateListFaces,
  paginateListUsers,
} from "@aws-sdk/client-rekognition";

const [photos, CollectionId] = process.argv.slice(2);
const client = new RekognitionClient({ maxAttempts: 1 });
const image = (name) => ({ Bytes: readFileSync(join(photos, name)) });
const here = Object.freeze({ CollectionId });

const told = {};

told.created = await client.send(
  new CreateCollectionCommand({ ...here, Tags: { team: "door" } }),
);
told.described = await client.send(new DescribeCollectionCommand(here));
told.createdAtIsADate = told.described.CreationTimestamp instanceof Date;

told.indexed = {};
for (const name of ["obama", "biden"]) {
  const reply = await client.send(
    new IndexFacesCommand({
      ...here,
      Image: image(`${name}.jpg`),
      ExternalImageId: name,
      MaxFaces: 1,
      QualityFilter: "AUTO",
    }),
  );
  told.indexed[name] = reply.FaceRecords[0].Face.FaceId;
}

told.found = await client.send(
  new SearchFacesByImageCommand({ ...here, Image: image("obama2.jpg"), FaceMatchThreshold: 95 }),
);
told.alike = await client.send(
  new SearchFacesCommand({ ...here, FaceId: told.indexed.obama, FaceMatchThreshold: 80 }),
);

// A paginator writes the token into its request, so it gets a copy.
told.listed = [];
for await (const page of paginateListFaces({ client, pageSize: 1 }, { ...here })) {
  told.listed.push(page.Faces.map((face) => face.FaceId));
}

for (const UserId of ["barack", "joe"]) {
  await client.send(new CreateUserCommand({ ...here, UserId }));
}
told.associated = await client.send(
  new AssociateFacesCommand({ ...here, UserId: "barack", FaceIds: [told.indexed.obama] }),
);
told.users = [];
for await (const page of paginateListUsers({ client, pageSize: 1 }, { ...here })) {
  told.users.push(...page.Users);
}
told.foundUsers = await client.send(
  new SearchUsersByImageCommand({ ...here, Image: image("obama3.jpg") }),
);
told.kept = await client.send(
  new DeleteFacesCommand({ ...here, FaceIds: [told.indexed.obama] }),
);

const ResourceArn = told.described.CollectionARN;
await client.send(new TagResourceCommand({ ResourceArn, Tags: { floor: "Größe 1" } }));
told.tags = await client.send(new ListTagsForResourceCommand({ ResourceArn }));

told.detected = await client.send(new DetectFacesCommand({ Image: image("biden.jpg") }));
told.compared = await client.send(
  new CompareFacesCommand({ SourceImage: image("obama.jpg"), TargetImage: image("biden.jpg") }),
);

// An error in the model is an instance of its own class, any other of the service's class.
told.errors = {};
async function refused(label, type, command) {
  try {
    await client.send(command);
    told.errors[label] = null;
  } catch (error) {
    told.errors[label] = {
      name: error.name,
      message: error.message,
      isOfItsClass: error instanceof type,
      isOfTheService: error instanceof RekognitionServiceException,
      fault: error.$fault,
      status: error.$metadata.httpStatusCode,
      requestId: error.$metadata.requestId,
    };
  }
}

await refused("exists", ResourceAlreadyExistsException, new CreateCollectionCommand(here));
await refused(
  "missing",
  ResourceNotFoundException,
  new DescribeCollectionCommand({ CollectionId: "nowhere" }),
);
await refused(
  "userExists",
  ConflictException,
  new CreateUserCommand({ ...here, UserId: "barack" }),
);
await refused(
  "noPicture",
  InvalidImageFormatException,
  new SearchFacesByImageCommand({ ...here, Image: { Bytes: Buffer.from("text") } }),
);
await refused(
  "unknownFace",
  InvalidParameterException,
  new SearchFacesCommand({ ...here, FaceId: "00000000-0000-4000-8000-000000000000" }),
);
await refused(
  "invalid",
  RekognitionServiceException,
  new CreateCollectionCommand({ CollectionId: "two words" }),
);

told.deleted = await client.send(new DeleteCollectionCommand(here));

console.log(JSON.stringify(told));
