using System.Reflection;
using System.Text;

namespace Ai3.Docs.Tests;

/// <summary>docs/api lists the public surface of each product assembly; a change shows in review.</summary>
public sealed class PublicApiTests
{
    public static TheoryData<string> Assemblies => ["Ai3.Tensors", "Ai3.Ops", "Ai3.Runtime", "Ai3.Onnx", "Ai3.Testing"];

    [Theory, MemberData(nameof(Assemblies))]
    public void IsListed(string name) => Repository.AssertGenerated($"docs/api/{name}.txt", ApiText.Of(Assembly.Load(name)));
}

/// <summary>Public types and members as sorted text.</summary>
internal static class ApiText
{
    private const BindingFlags Visible = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(Name(type));
            string[] bases = [.. Bases(type)];
            text.Append(bases.Length > 0 ? $" : {string.Join(", ", bases)}\n" : "\n");
            foreach (string member in type.GetMembers(Visible).Select(Describe).OfType<string>().Order(StringComparer.Ordinal))
                text.Append("    ").Append(member).Append('\n');
        }
        return text.ToString();
    }

    private static string Kind(Type type) => type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct"
        : type.IsSubclassOf(typeof(Delegate)) ? "delegate" : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsAbstract ? "abstract class" : "class";

    private static IEnumerable<string> Bases(Type type)
    {
        if (type.IsEnum || type.IsSubclassOf(typeof(Delegate)))
            yield break;
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
            yield return Name(parent);
    }

    private static string? Describe(MemberInfo member) => member switch
    {
        ConstructorInfo c when IsVisible(c) => $"new({Parameters(c)})",
        MethodInfo m when IsVisible(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal)) && !IsCompilerMade(m) =>
            $"{(m.IsStatic ? "static " : "")}{m.Name}{Generic(m)}({Parameters(m)}) -> {Name(m.ReturnType)}",
        PropertyInfo p when (p.GetMethod ?? p.SetMethod) is { } accessor && IsVisible(accessor) && p.Name != "EqualityContract" =>
            $"{(accessor.IsStatic ? "static " : "")}{p.Name}: {Name(p.PropertyType)}{(p.SetMethod is { } set && IsVisible(set) ? " (settable)" : "")}",
        FieldInfo { IsPublic: true, IsSpecialName: false } f => $"{(f.IsStatic ? "static " : "")}{f.Name}: {Name(f.FieldType)}",
        _ => null,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    // What every record and override has says nothing.
    private static bool IsCompilerMade(MethodInfo method) =>
        method.Name is "Equals" or "GetHashCode" or "ToString" or "PrintMembers" or "<Clone>$" or "Deconstruct" or "op_Equality" or "op_Inequality" or "Finalize";

    private static string Generic(MethodInfo method) => method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        $"{(p.IsOut ? "out " : p.ParameterType.IsByRef ? "ref " : "")}{Name(p.ParameterType)} {p.Name}{(p.IsOptional ? " = ?" : "")}"));

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (type.IsPointer)
            return Name(type.GetElementType()!) + "*";
        if (type.IsGenericParameter || type.FullName is null && !type.IsGenericType)
            return type.Name;
        string name = type.IsNested && !type.IsGenericParameter ? $"{Name(type.DeclaringType!)}.{type.Name}" : type.Name;
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? name : $"{name[..tick]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
