"""Which language models can be chosen."""

from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.schemas.model import ModelListSchema
from chatapp.api.sign_in import signed_in
from chatapp.container import container
from chatapp.models.language_models import ModelChoice

blueprint = ApiBlueprint("models", __name__, url_prefix="/api/models", description="Language models that can be chosen")


@blueprint.route("", methods=["GET"])
@signed_in
@blueprint.response(200, ModelListSchema)
def list_models() -> ModelChoice:
    """List the language models that can be chosen, with the default.

    While the provider is unreachable these are the last ones known, or none.
    """
    return container().models.choice()
