// Runs once, when MongoDB's volume is new: the application's user owns its one database and can do nothing else.
db.getSiblingDB("admin").createUser({
  user: "chatapp",
  pwd: process.env.MONGO_PASSWORD,
  roles: [{ role: "dbOwner", db: "chatapp" }],
});
