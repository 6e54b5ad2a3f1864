import importlib.util
import sys
from pathlib import Path

from odoo.models import BaseModel
from odoo.orm.model_classes import add_to_registry
from odoo.tools import convert_file

EXAMPLES = Path(__file__).parent / "examples"


class ExampleCommon:
    """Loads the files that ``docs/extending.md`` shows, as Odoo loads those of an addon. Models
    and tables are gone after the class. For classes of tests that inherit from TransactionCase.
    """

    @classmethod
    def _load_addon(cls, name):
        """The models and, if there is one, the XML file of an example, as a module of its name."""
        definitions = cls._import_example(name)
        names = [definition._name for definition in definitions]
        extended = {n: cls.registry[n]._base_classes__ for n in names if n in cls.registry}
        cls.addClassCleanup(cls._unload_addon, names, extended)
        for definition in definitions:
            add_to_registry(cls.registry, definition)
        cls.registry._setup_models__(cls.cr, names)
        cls.env["ir.module.module"].create({"name": name})  # keys and constraints are a module's
        stored = [n for n in names if not cls.registry[n]._abstract]
        cls.registry.init_models(cls.cr, stored, {"module": name})
        if (EXAMPLES / f"{name}.xml").exists():
            path = f"sales_crm_cases/tests/examples/{name}.xml"
            convert_file(cls.env, name, f"{name}.xml", {}, "init", True, pathname=path)

    @classmethod
    def _import_example(cls, name):
        module_name = f"odoo.addons.{name}.models"
        spec = importlib.util.spec_from_file_location(module_name, EXAMPLES / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        cls.addClassCleanup(sys.modules.pop, module_name)
        spec.loader.exec_module(module)
        return [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, BaseModel)
            and value.__module__ == module_name
        ]

    @classmethod
    def _unload_addon(cls, names, extended):
        for name in names:
            if name in extended:
                cls.registry[name]._base_classes__ = extended[name]
            elif name in cls.registry:
                del cls.registry[name]
        # TransactionCase sets up the models anew, where that is so
        cls.registry.registry_invalidated = True
